"""The guides: Markdown files in this package, with places for what is true of this installation.

guides/<slug>.md is English; guides/<language>/<slug>.md is the same in another language, and where that is missing,
English is shown. A guide begins with `# Title`, then a line that says what it is for. `{{public_url}}` and the like
are filled in; a place that nobody knows is an error that the tests find.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.utils.translation import get_language

from propylon.kernel.errors import Kind, PropylonError

# In the order of the list.
ORDER = (
    "principles",
    "application-types",
    "tokens",
    "certificates",
    "consent",
    "asking-customers",
    "errors",
    "going-to-production",
    "standards",
)
_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


@dataclass(frozen=True, slots=True)
class Guide:
    """`text` still has its places."""

    slug: str
    title: str
    summary: str
    text: str

    def filled(self, facts: Mapping[str, str]) -> str:
        return _PLACE.sub(lambda found: facts[found[1]], self.text)

    @property
    def places(self) -> set[str]:
        return set(_PLACE.findall(self.text))


def guides(language: str = "") -> tuple[Guide, ...]:
    """All, in the order of the list and in the page's language."""
    return _in_language(language or get_language() or settings.LANGUAGE_CODE)


def guide(slug: str) -> Guide:
    """Raises `guide.unknown`."""
    found = next((each for each in guides() if each.slug == slug), None)
    if found is None:
        raise PropylonError("guide.unknown", "There is no such guide. The list names them all.", kind=Kind.NOT_FOUND)
    return found


@cache
def _in_language(language: str) -> tuple[Guide, ...]:
    return tuple(_read(slug, language) for slug in ORDER)


def _read(slug: str, language: str) -> Guide:
    folder = files("propylon.portal.home").joinpath("guides")
    translated = folder.joinpath(language, f"{slug}.md")
    file = translated if translated.is_file() else folder.joinpath(f"{slug}.md")
    title, summary, text = file.read_text(encoding="utf-8").split("\n\n", 2)
    return Guide(slug, title.removeprefix("# ").strip(), " ".join(summary.split()), text)
