"""What else the catalogue's search finds: guides, and error codes as they are pasted from an answer or a log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from propylon.catalog.search_text import search_words
from propylon.design.refusal_words import in_words
from propylon.oauth.error_table import OAUTH_ERRORS
from propylon.portal.catalogue.refusals import gateway_errors
from propylon.portal.home.guides import guides

_MOST_GUIDES, _MOST_CODES = 4, 6
_SHORTEST = 3  # letters of a word that says anything
_CODE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_STATUS = re.compile(r"(?<![\w.-])[45]\d\d(?![\w-]|\.\d)")
_TRACKING_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """`status` as it is shown; empty for codes that come in the form of RFC 6749."""

    code: str
    status: str
    text: str

    @property
    def address(self) -> str:
        return f"{reverse('portal_catalogue:error_codes')}#{self.code}"


@dataclass(frozen=True, slots=True)
class FoundGuide:
    address: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`is_named`: the search is itself a code or a status, so it is answered before anything else."""

    guides: Sequence[FoundGuide] = ()
    codes: Sequence[FoundCode] = ()
    is_named: bool = False
    is_tracking_id: bool = False

    @property
    def finds_more(self) -> bool:
        """Anything beside products."""
        return bool(self.guides or self.codes)


def found_reading(text: str) -> Reading:
    """Nothing for an empty search."""
    words = search_words(text)
    if not words:
        return Reading()
    language = get_language() or settings.LANGUAGE_CODE
    known = _codes(language)
    named = _named(known, text)
    codes = named or _about(known, words)
    guides_found = _guides_about(_guides(language), words)
    return Reading(guides_found, codes[:_MOST_CODES], bool(named), bool(_TRACKING_ID.search(text)))


@cache
def _codes(language: str) -> tuple[FoundCode, ...]:
    """All, in the page's language, which `language` is."""
    of_gateway = [FoundCode(row.code, str(row.status), row.message) for row in gateway_errors()]
    of_server = [FoundCode(row.code, "", f"{in_words(row.meaning)} {in_words(row.remedy)}") for row in OAUTH_ERRORS]
    return (*of_gateway, *of_server)


def _named(known: Sequence[FoundCode], text: str) -> list[FoundCode]:
    """Those that the text names, also within a pasted body; else those of the status that it names."""
    named = set(_CODE.findall(text.casefold()))
    whole = [each for each in known if _is_named(each.code, named)]
    statuses = set(_STATUS.findall(_TRACKING_ID.sub("", text)))
    return whole or [each for each in known if each.status in statuses]


def _is_named(code: str, named: set[str]) -> bool:
    """As a whole, or without its first part ("token.expired"); a single word names no code of the gateway."""
    short = code.partition(".")[2]
    return code in named or ("." in short and short in named)


def _about(known: Sequence[FoundCode], asked: Sequence[str]) -> list[FoundCode]:
    words = [word for word in asked if len(word) >= _SHORTEST]
    return [each for each in known if words and all(word in f"{each.code} {each.text}".casefold() for word in words)]


@cache
def _guides(language: str) -> tuple[tuple[FoundGuide, str], ...]:
    """Each with the words that find it: its own, and the English ones."""
    start = FoundGuide(
        reverse("portal_home:getting_started"),
        _("Getting started"),
        _("From nothing to the first answer, in five steps."),
    )
    found = [(start, f"{start.title} {start.summary} getting started".casefold())]
    for each, english in zip(guides(language), guides(settings.LANGUAGE_CODE), strict=True):
        shown = FoundGuide(reverse("portal_home:guide", args=[each.slug]), each.title, each.summary)
        words = " ".join((each.title, each.summary, each.text, english.title, english.summary, english.text))
        found.append((shown, words.casefold()))
    return tuple(found)


def _guides_about(known: Sequence[tuple[FoundGuide, str]], words: Sequence[str]) -> list[FoundGuide]:
    """Those that hold every word; those whose title does come first."""
    found = [guide for guide, text in known if all(word in text for word in words)]
    found.sort(key=lambda guide: not all(word in guide.title.casefold() for word in words))
    return found[:_MOST_GUIDES]
