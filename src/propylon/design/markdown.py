"""CommonMark from documents and operators to HTML. Raw HTML stays text; links lead to http, https or mailto only."""

from __future__ import annotations

from functools import cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_LONGEST = 200_000  # characters; what is longer is cut: a page is no download


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


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
