"""What changed between two versions of a product, by their operations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from propylon.portal.catalogue.subject import Entry

_VERSION_STEP = re.compile(r"^/v[0-9]+(?=/)")
_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Changed:
    """`what` holds words of: summary, scopes, public, certificate, deprecated."""

    before: Entry
    after: Entry
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Changed, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def difference(before: Iterable[Entry], after: Iterable[Entry]) -> Difference:
    """Operations are the same if method and path are, whatever the parameters' names and a version in the path."""
    old, new = {_key(each): each for each in before}, {_key(each): each for each in after}
    changed = [Changed(old[key], new[key], what) for key in new if key in old and (what := _what(old[key], new[key]))]
    return Difference(
        added=tuple(each for key, each in new.items() if key not in old),
        removed=tuple(each for key, each in old.items() if key not in new),
        changed=tuple(changed),
    )


def _key(entry: Entry) -> tuple[str, str]:
    return entry.method, _PARAMETER.sub("{}", _VERSION_STEP.sub("", entry.path))


def _what(old: Entry, new: Entry) -> tuple[str, ...]:
    facts = {
        "summary": old.summary != new.summary,
        "scopes": set(old.scopes) != set(new.scopes),
        "public": old.is_public != new.is_public,
        "certificate": old.requires_certificate != new.requires_certificate,
        "deprecated": old.is_deprecated != new.is_deprecated,
    }
    return tuple(name for name, differs in facts.items() if differs)
