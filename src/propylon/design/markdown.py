"""CommonMark from documents and operators to HTML. Raw HTML stays text; links lead to http, https or mailto only.

Code between fences becomes the same block as `{% code %}` makes, with its copy button.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from propylon.design.highlighting import code_html

_LONGEST = 200_000  # characters; what is longer is cut: a page is no download


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    parser.add_render_rule("fence", _code_block)
    return parser


def _code_block(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _environment: Any) -> str:
    language, _, title = tokens[at].info.strip().partition(" ")
    known = language or "text"
    return render_to_string(
        "design/code.html", {"lines": code_html(tokens[at].content.rstrip("\n"), known), "title": title or known}
    )


def to_html(text: str, *, deepest_heading: int = 2) -> SafeString:
    """Headings begin at `deepest_heading` (2: h2), so that the page's own h1 stays the only one."""
    tokens = _parser().parse(text[:_LONGEST])
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(deepest_heading, int(token.tag[1]) + deepest_heading - 1))}"
        if token.type == "table_open":
            token.attrSet("tabindex", "0")  # it scrolls sideways on a telephone
    html: str = _parser().renderer.render(tokens, _parser().options, {})
    return mark_safe(html)  # noqa: S308  (the parser escapes)
