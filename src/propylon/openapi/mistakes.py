"""A mistake in a document, with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """`place`: `line 12, column 3` for text that is no YAML or JSON, else a JSON pointer such as `#/paths/~1a/get`."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class DocumentRejectedError(Exception):
    """The document cannot be used. Every mistake that was found is in `mistakes`, never just the first."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(str(mistake) for mistake in self.mistakes))


def pointer(*steps: object) -> str:
    """The JSON pointer of these steps as a URI fragment (RFC 6901 section 6, without percent-encoding)."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
