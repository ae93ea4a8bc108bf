"""Code in colours, by Pygments, as classes that design.css knows."""

from __future__ import annotations

from functools import cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_LONGEST = 60_000  # characters; beyond, colours would cost more than they show
_FORMATTER = HtmlFormatter(nowrap=True)  # making one takes longer than most texts


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def code_html(text: str, language: str) -> SafeString:
    """Escaped; in colours if the language is known ("json", "bash", "python", "javascript", "java", "http", "yaml")."""
    lexer = _lexer(language)
    if lexer is None or len(text) > _LONGEST:
        return escape(text)
    html: str = highlight(text, lexer, _FORMATTER)
    return mark_safe(html)  # noqa: S308  (the formatter escapes)
