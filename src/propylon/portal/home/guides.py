"""The guides: Markdown files in this package, with places for what is true of this installation.

A guide begins with `# Title`, then a line that says what it is for. `{{public_url}}` and the like are filled in;
a place that nobody knows is an error that the tests find.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from propylon.kernel.errors import Kind, PropylonError

# In the order of the list; the file is guides/<slug>.md.
ORDER = (
    "principles",
    "application-types",
    "tokens",
    "certificates",
    "consent",
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


@cache
def guides() -> tuple[Guide, ...]:
    return tuple(_read(slug) for slug in ORDER)


def guide(slug: str) -> Guide:
    """Raises `guide.unknown`."""
    found = next((each for each in guides() if each.slug == slug), None)
    if found is None:
        raise PropylonError("guide.unknown", "There is no such guide. The list names them all.", kind=Kind.NOT_FOUND)
    return found


def _read(slug: str) -> Guide:
    source = files("propylon.portal.home").joinpath(f"guides/{slug}.md").read_text(encoding="utf-8")
    title, summary, text = source.split("\n\n", 2)
    return Guide(slug, title.removeprefix("# ").strip(), " ".join(summary.split()), text)
