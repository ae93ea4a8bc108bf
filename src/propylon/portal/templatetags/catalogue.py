"""`{% properties schema %}`: a schema as a nested list, written in one go: a template per property would be too slow.

`{% current_any "portal_catalogue:token" %}`: is this page one of these?
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from propylon.design.markdown import to_html
from propylon.openapi.schema_tree import SchemaNode

register = template.Library()

_MARKUP = frozenset("*_`[#|\n<&")
_MOST_CHOICES = 12
_MOST_FOLDED = 400
_OPEN_DEPTH = 1  # what lies deeper is folded
_LARGE = 12  # an object with more properties than this is folded earlier


@register.simple_tag
def properties(schema: SchemaNode | None) -> SafeString:
    """The parts of a body: properties, or the alternatives it may be; a line for what has no parts."""
    if schema is None:
        return mark_safe("")  # a constant
    if not schema.has_more:
        return format_html('<ul class="props">{}</ul>', _property(schema, 0))
    return _parts(schema, 0)


@register.simple_tag
def property_row(schema: SchemaNode, example: str = "") -> SafeString:
    """One parameter or header."""
    return _property(schema, 0, example)


@register.filter
def plain(text: str) -> str:
    """Markdown's marks taken out of a line that has no place for them."""
    return re.sub(r"[*`]+", "", text)


@register.simple_tag(takes_context=True)
def current_any(context: dict[str, Any], *names: str) -> SafeString:
    match = context["request"].resolver_match
    return format_html(' aria-current="{}"', "page") if match and match.view_name in names else SafeString()


def _parts(schema: SchemaNode, depth: int) -> SafeString:
    lists = []
    if schema.children:
        lists.append(_list(schema.children, depth))
    if schema.alternatives:
        title = _("One of these:") if schema.kind == "one_of" else _("Any of these:")
        lists.append(format_html('<p class="props__alternatives">{}</p>', title))
        lists.append(_list(schema.alternatives, depth))
    return format_html_join("", "{}", ((each,) for each in lists))


def _list(nodes: tuple[SchemaNode, ...], depth: int) -> SafeString:
    return format_html('<ul class="props">{}</ul>', format_html_join("", "{}", ((_property(n, depth),) for n in nodes)))


def _property(node: SchemaNode, depth: int, example: str = "") -> SafeString:
    return format_html("<li>{}{}{}</li>", _head(node), _facts(node, example), _inside(node, depth))


def _head(node: SchemaNode) -> SafeString:
    name = {"[ ]": _("each item"), "*": _("any name")}.get(node.name, "")
    shown = format_html("<em>{}</em>", name) if name else format_html("<code>{}</code>", node.name)
    words: list[SafeString | str] = [shown] if node.name else []
    words.append(format_html('<span class="props__kind">{}</span>', _kind(node)))
    if node.is_required:
        words.append(format_html('<span class="props__required">{}</span>', _("required")))
    notes = [
        (node.is_deprecated, _("deprecated")),
        (node.access == "read", _("only in answers")),
        (node.access == "write", _("only in requests")),
    ]
    words += [format_html('<span class="props__note">{}</span>', word) for is_so, word in notes if is_so]
    return format_html('<p class="props__head">{}</p>', format_html_join(" ", "{}", ((word,) for word in words)))


def _kind(node: SchemaNode) -> str:
    words = node.shown_kind
    for english, word in (("array of ", _("list of")), ("map of ", _("map of"))):
        if words.startswith(english):
            words = f"{word} {words.removeprefix(english)}"
    return _("%(kind)s or null") % {"kind": words} if node.is_nullable else words


def _facts(node: SchemaNode, example: str) -> SafeString:
    rows = [_description(node.description)] if node.description else []
    told = _constraints(dict(node.constraints))
    if node.default:
        told.append(format_html("{} <code>{}</code>", _("default"), node.default))
    if example or node.example:
        told.append(format_html("{} <code>{}</code>", _("for example"), example or node.example))
    if told:
        rows.append(format_html('<p class="props__facts">{}</p>', format_html_join(" · ", "{}", ((t,) for t in told))))
    if node.choices:
        rows.append(_choices(node.choices))
    if node.cut:
        rows.append(format_html('<p class="props__facts">{}</p>', _("as %(name)s above") % {"name": node.cut}))
    return format_html_join("", "{}", ((each,) for each in rows))


def _choices(choices: tuple[str, ...]) -> SafeString:
    listed = format_html_join(" ", "<code>{}</code>", ((each,) for each in choices[:_MOST_CHOICES]))
    text = format_html('<p class="props__facts">{} {}</p>', _("one of"), listed)
    if len(choices) <= _MOST_CHOICES:
        return text
    rest = format_html_join(" ", "<code>{}</code>", ((each,) for each in choices[_MOST_CHOICES:_MOST_FOLDED]))
    more = _("%(count)s more values") % {"count": len(choices) - _MOST_CHOICES}
    return format_html('{}<details class="props__more"><summary>{}</summary><p>{}</p></details>', text, more, rest)


def _inside(node: SchemaNode, depth: int) -> SafeString | str:
    if not node.has_more:
        return ""
    only = node.children[0] if len(node.children) == 1 and not node.alternatives else None
    if only is not None and only.name == "[ ]" and only.has_more:
        return _folded(only, depth)  # a list of things: its things' properties, without a level between
    return _folded(node, depth)


def _folded(node: SchemaNode, depth: int) -> SafeString:
    count = len(node.children) + len(node.alternatives)
    is_open = depth < _OPEN_DEPTH and count <= _LARGE
    title = _("%(count)s alternatives") if node.alternatives and not node.children else _("%(count)s properties")
    return format_html(
        '<details class="props__more"{}><summary>{}<span class="visually-hidden"> {}</span></summary>{}</details>',
        " open" if is_open else "",
        title % {"count": count} if count > 1 else _("What is inside"),
        node.name,
        _parts(node, depth + 1),
    )


def _constraints(given: dict[str, str]) -> list[SafeString | str]:
    """Two bounds of one thing as one: "1 to 64 characters"."""
    told: list[SafeString | str] = []
    ranges = {
        ("min_length", "max_length"): _("%(low)s to %(high)s characters"),
        ("min_items", "max_items"): _("%(low)s to %(high)s items"),
        ("minimum", "maximum"): _("%(low)s to %(high)s"),
    }
    for (low, high), sentence in ranges.items():
        if low in given and high in given:
            bounds = {"low": given.pop(low), "high": given.pop(high)}
            told.append(_exactly(low, bounds["low"]) if bounds["low"] == bounds["high"] else sentence % bounds)
    return told + [_constraint(name, value) for name, value in given.items()]


def _exactly(name: str, value: str) -> str:
    if name == "min_length":
        return _("exactly %(n)s characters") % {"n": value}
    return _("exactly %(n)s items") % {"n": value} if name == "min_items" else _("exactly %(n)s") % {"n": value}


def _constraint(name: str, value: str) -> SafeString | str:
    words: dict[str, Callable[[], str]] = {
        "min_length": lambda: _("at least %(n)s characters"),
        "max_length": lambda: _("at most %(n)s characters"),
        "minimum": lambda: _("at least %(n)s"),
        "above": lambda: _("above %(n)s"),
        "maximum": lambda: _("at most %(n)s"),
        "below": lambda: _("below %(n)s"),
        "multiple_of": lambda: _("a multiple of %(n)s"),
        "min_items": lambda: _("at least %(n)s items"),
        "max_items": lambda: _("at most %(n)s items"),
        "unique_items": lambda: _("no item twice"),
    }
    if name == "pattern":
        return format_html("{} <code>{}</code>", _("pattern"), value)
    if value == "1" and name in {"min_length", "min_items"}:
        return _("not empty")
    return words[name]() % {"n": value}


@lru_cache(maxsize=8192)
def _description(text: str) -> SafeString:
    """Documents repeat themselves: the same words are read once."""
    if not _MARKUP.isdisjoint(text):
        return format_html('<div class="props__text prose">{}</div>', to_html(text, deepest_heading=4))
    return format_html('<p class="props__text">{}</p>', conditional_escape(text))
