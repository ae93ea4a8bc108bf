"""Path templates of operations, `/accounts/{id}`: what they match, and which comes first when two match."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{[^{}/]+\}")
_LITERAL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%]*")
_ANY_SEGMENT = "[^/]+"


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a path between slashes. `pieces` are its literal texts around the variables."""

    pieces: tuple[str, ...]

    @property
    def is_literal(self) -> bool:
        return len(self.pieces) == 1

    @property
    def regex(self) -> str:
        return _ANY_SEGMENT.join(re.escape(piece) for piece in self.pieces)

    @property
    def precedence(self) -> tuple[int, tuple[str, ...]]:
        """Literal before mixed (`{id}.json`) before variable; then by text, so that the order is total."""
        rank = 0 if self.is_literal else 1 if any(self.pieces) else 2
        return rank, self.pieces

    def overlaps(self, other: Segment) -> bool:
        """True if one text may match both."""
        if self.is_literal and other.is_literal:
            return self.pieces == other.pieces
        if self.is_literal:
            return re.fullmatch(other.regex, self.pieces[0]) is not None
        return other.overlaps(self) if other.is_literal else True


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A whole path. Two templates that differ only in the names of their variables are equal."""

    segments: tuple[Segment, ...]

    @property
    def literal(self) -> str:
        """The path itself if it has no variable, else ""."""
        if all(segment.is_literal for segment in self.segments):
            return "".join("/" + segment.pieces[0] for segment in self.segments)
        return ""

    @property
    def regex(self) -> str:
        """RE2 that matches the whole path, without its query."""
        return "".join("/" + segment.regex for segment in self.segments)

    @property
    def precedence(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        return tuple(segment.precedence for segment in self.segments)

    def overlaps(self, other: PathTemplate) -> bool:
        """True if one path may match both."""
        return len(self.segments) == len(other.segments) and self.reaches(other)

    def reaches(self, prefix: PathTemplate) -> bool:
        """True if a path that matches this template may begin with that prefix."""
        pairs = zip(self.segments, prefix.segments, strict=False)
        return len(self.segments) >= len(prefix.segments) and all(a.overlaps(b) for a, b in pairs)


def parse_path_template(text: str) -> PathTemplate | None:
    """None if the text is no path template: no leading slash, unbalanced braces, empty or illegal segments."""
    if not text.startswith("/"):
        return None
    parts = text[1:].split("/")
    if any(part in (".", "..") for part in parts) or any(not part for part in parts[:-1]):
        return None
    segments = tuple(Segment(tuple(_VARIABLE.split(part))) for part in parts)
    pieces = (piece for segment in segments for piece in segment.pieces)
    return PathTemplate(segments) if all(_LITERAL.fullmatch(piece) for piece in pieces) else None
