"""The components that templates use: `{% load design %}`. docs/explanation/design-system.md shows each."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from lucide.templatetags.lucide import lucide

from propylon.design.assets import asset_url
from propylon.design.highlighting import code_html
from propylon.design.markdown import to_html
from propylon.design.refusal_words import in_words
from propylon.design.states import STATES

register = template.Library()
register.simple_tag(asset_url, name="asset")
register.filter("refusal_in_words", in_words)

_TONES = {"success": "good", "error": "bad", "warning": "wait"}
_TONE_ICONS = {"success": "circle-check", "error": "circle-alert", "warning": "triangle-alert"}


@register.simple_tag
@cache
def icon(name: str, size: int = 20) -> str:
    """A Lucide icon; decoration only, so that words beside it must say the same."""
    return lucide(name, size=size, **{"class": "icon", "aria_hidden": "true", "focusable": "false"})


@register.simple_tag
def brand_mark() -> SafeString:
    """The portal of our name: two columns under a lintel."""
    return mark_safe(  # a constant
        '<svg class="icon" width="26" height="26" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true">'
        '<path d="M3 9 16 3l13 6v3.5H3zM5.5 15h5v14h-5zM21.5 15h5v14h-5zM13.5 20.5a2.5 2.5 0 0 1 5 0V29h-5z"/></svg>'
    )


@register.simple_tag
def badge(text: str, tone: str = "", sign: str = "") -> SafeString:
    """`tone` is good, wait, bad, info or "" (quiet); `sign` is an icon's name."""
    return format_html(
        '<span class="badge{}">{}{}</span>', f" badge--{tone}" if tone else "", icon(sign, 14) if sign else "", text
    )


@register.simple_tag
def state(value: str) -> SafeString:
    """The badge of a state (`propylon.design.states`); an unknown one is shown as it is."""
    word, tone, sign = STATES.get(value, (capfirst(value.replace("_", " ")), "", ""))
    return badge(str(word), tone, sign)


@register.simple_tag
def method(name: str) -> SafeString:
    return format_html('<span class="method method--{}">{}</span>', name.lower(), name.upper())


@register.simple_tag
def moment(value: datetime | date | None, what: str = "") -> SafeString:
    """A time in UTC, or a day, as `<time>`; `what="date"` leaves the hours out; a dash for none."""
    if value is None:
        return format_html("{}", "\N{EN DASH}")
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value, timezone.get_default_timezone())
    return _time_element(value, get_language(), has_time=isinstance(value, datetime) and what != "date")


@lru_cache(maxsize=4_096)
def _time_element(value: datetime | date, _language: str | None, *, has_time: bool) -> SafeString:
    """Lists and charts show the same times again and again, and writing one takes a tenth of a millisecond."""
    return format_html(
        '<time datetime="{}" class="nowrap">{}{}</time>',
        value.isoformat(),
        date_format(value, f"{_date_pattern()} H:i" if has_time else _date_pattern()),
        " UTC" if has_time else "",
    )


def _date_pattern() -> str:
    """Languages that write months small say "j b Y"."""
    return pgettext("a date, in the letters of Django's date filter", "j M Y")


@register.filter
def breakable(path: str) -> SafeString:
    """A path that may go on in the next line after each of its slashes, instead of as a whole."""
    return mark_safe(escape(path).replace("/", "/<wbr>"))  # noqa: S308  (escaped)


@register.simple_tag
def code(language: str, text: str, title: str = "", *, is_kept: bool = False) -> str:
    """A block of code with its copy button.

    `is_kept` keeps it in memory, for texts that many ask for and everybody may see: never for answers or keys.
    """
    return _kept_code(language, text, title, get_language() or "") if is_kept else _code(language, text, title)


@lru_cache(maxsize=512)
def _kept_code(language: str, text: str, title: str, _language_of_page: str) -> str:
    return _code(language, text, title)


def _code(language: str, text: str, title: str) -> str:
    return render_to_string("design/code.html", {"lines": code_html(text, language), "title": title or language})


@register.simple_tag
def copyable(value: str, label: str = "") -> str:
    """A short value in code type with a copy button; `label` says what it is ("the client id")."""
    return render_to_string("design/copyable.html", {"value": value, "label": label or value})


@register.simple_tag
def field(bound: BoundField) -> str:
    """Label, hint, widget and mistakes of a form's field, tied together for screen readers."""
    widget = bound.field.widget
    kind = "input"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "choices"
    elif isinstance(widget, CheckboxInput):
        kind = "check"
    described_by = " ".join(
        part
        for part in (
            f"{bound.auto_id}_helptext" if bound.help_text else "",
            f"{bound.auto_id}_error" if bound.errors else "",
        )
        if part
    )
    return render_to_string("design/field.html", {"field": bound, "kind": kind, "described_by": described_by})


@register.filter
def markdown(text: str, deepest_heading: int = 2) -> SafeString:
    """CommonMark as HTML; put it into `<div class="prose">`."""
    return to_html(text or "", deepest_heading=deepest_heading)


@register.filter
def message_tone(level: str) -> str:
    return _TONES.get(level, "")


@register.filter
def message_icon(level: str) -> str:
    return _TONE_ICONS.get(level, "info")


@register.simple_tag
def initials(name: str) -> str:
    """Two letters at most: "Ada Lovelace" is AL."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], address: str, *, exactly: bool = False) -> SafeString | str:
    """`aria-current="page"` when the page is at this address, or below it unless `exactly`."""
    path = context["request"].path
    if path == address:
        return mark_safe(' aria-current="page"')
    is_below = not exactly and address != "/" and path.startswith(f"{address}/")
    return mark_safe(' aria-current="true"') if is_below else ""
