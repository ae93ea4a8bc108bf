"""What else the catalogue's search finds: guides, and error codes as they are pasted from an answer or a log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
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
    if not search_words(text):
        return Reading()
    named = _named_codes(text)
    codes = named or _codes_about(text)
    return Reading(_guides_about(text), codes[:_MOST_CODES], bool(named), bool(_TRACKING_ID.search(text)))


def _codes() -> Iterator[FoundCode]:
    for refusal in gateway_errors():
        yield FoundCode(refusal.code, str(refusal.status), refusal.message)
    for error in OAUTH_ERRORS:
        yield FoundCode(error.code, "", f"{in_words(error.meaning)} {in_words(error.remedy)}")


def _named_codes(text: str) -> list[FoundCode]:
    """Those that the text names, also within a pasted body; else those of the status that it names."""
    named = set(_CODE.findall(text.casefold()))
    whole = [each for each in _codes() if _is_named(each.code, named)]
    statuses = set(_STATUS.findall(_TRACKING_ID.sub("", text)))
    return whole or [each for each in _codes() if each.status in statuses]


def _is_named(code: str, named: set[str]) -> bool:
    """As a whole, or without its first part ("token.expired"); a single word names no code of the gateway."""
    short = code.partition(".")[2]
    return code in named or ("." in short and short in named)


def _codes_about(text: str) -> list[FoundCode]:
    words = [word for word in search_words(text) if len(word) >= _SHORTEST]
    return [each for each in _codes() if words and all(word in f"{each.code} {each.text}".casefold() for word in words)]


def _guides_about(text: str) -> list[FoundGuide]:
    """Those that hold every word; those whose title does come first."""
    words = search_words(text)
    start = FoundGuide(
        reverse("portal_home:getting_started"),
        _("Getting started"),
        _("From nothing to the first answer, in five steps."),
    )
    known = [(start, "")]
    known += [
        (
            FoundGuide(reverse("portal_home:guide", args=[each.slug]), each.title, each.summary),
            f"{each.text} {english.title} {english.text}",  # its words are known in English, too
        )
        for each, english in zip(guides(), guides(settings.LANGUAGE_CODE), strict=True)
    ]
    found = [
        (0 if all(word in guide.title.casefold() for word in words) else 1, guide)
        for guide, body in known
        if all(word in f"{guide.title} {guide.summary} {body}".casefold() for word in words)
    ]
    return [guide for _place, guide in sorted(found, key=lambda each: each[0])][:_MOST_GUIDES]
