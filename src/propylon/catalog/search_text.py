"""What the catalogue's search looks through, and the one sentence that its cards show. Pure."""

from __future__ import annotations

import re

_LONGEST = 40_000  # characters: a search over a thousand products reads them all
_LONGEST_SUMMARY = 240
_MOST_WORDS = 8
_BLOCK = re.compile(r"\n\s*\n")
_NO_SENTENCE = re.compile(r"^\s*([#>|*+=-]|\d+[.)]\s|```)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def search_text(*parts: str) -> str:
    """All parts, folded so that case does not matter; the first ones count if it becomes too long."""
    return " ".join(" ".join(parts).split()).casefold()[:_LONGEST]


def search_words(query: str) -> list[str]:
    """What every hit must contain; more than eight words narrow nothing."""
    return query.casefold().split()[:_MOST_WORDS]


def summary_of(description: str) -> str:
    """The first sentence of a Markdown text that is one: no heading, no list, no markup."""
    for block in _BLOCK.split(description[:20_000]):
        if block.strip() and not _NO_SENTENCE.match(block):
            text = re.sub(r"[*_`<>]", "", _LINK.sub(r"\1", " ".join(block.split())))
            sentence = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
            return sentence if len(sentence) <= _LONGEST_SUMMARY else _cut(sentence)
    return ""


def _cut(sentence: str) -> str:
    return sentence[: _LONGEST_SUMMARY - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "\N{HORIZONTAL ELLIPSIS}"
