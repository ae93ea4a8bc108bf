"""What refusals say to a person, in the page's language.

Errors are raised in English, which is what APIs and logs say. A page looks its sentences up here; one that is listed in
neither table (refusals_of_pages, refusals_of_calls) stays English. `{name}` stands for a value, which is kept, or put
into words if it is listed itself.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import get_language, gettext

from propylon.design import refusals_of_calls, refusals_of_pages

SENTENCES = (*refusals_of_pages.SENTENCES, *refusals_of_calls.SENTENCES)

_PLACE = re.compile(r"\{(\w+)\}")


def in_words(sentence: str) -> str:
    """The sentence in the page's language; as it is, where it is not listed or not translated."""
    if (get_language() or "en").startswith("en"):
        return sentence
    if sentence in _fixed():
        return gettext(sentence)
    for pattern, listed in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: in_words(value) for name, value in found.groupdict().items()}
            return gettext(listed).format_map(values)
    return sentence


@cache
def _fixed() -> frozenset[str]:
    return frozenset(each for each in SENTENCES if not _PLACE.search(each))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those that say the most themselves first: "at most {most}" fits what "at most {longest} characters" does."""
    listed = sorted((each for each in SENTENCES if _PLACE.search(each)), key=lambda each: -len(_PLACE.sub("", each)))
    return tuple((re.compile(_pattern(each), re.DOTALL), each) for each in listed)


def _pattern(sentence: str) -> str:
    parts = _PLACE.split(sentence)  # text and name in turn
    return "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
