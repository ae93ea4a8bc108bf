"""Cursor paging in the form of the source document (FEATURES G4): what is asked for, and the six texts of `paging`.

A list has a fixed order. `after=C` asks for the `limit` items just after C, `before=C` for the `limit` items just
before C, still in the list's order; an empty or absent cursor counts as not sent, and with neither the list begins at
its start. Both together are refused. Each of first, last, previous, next and self is a whole query string
`before=…&after=…`: put behind the `?` as it is, it leads to that page with the same limit, because a cursor carries the
limit it was made with; a `limit` that is sent as well wins. `first` and `last` carry cursors of the list's two ends.
`previous` and `next` are null when there is no such page, so a client follows `next` until it is null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from propylon.kernel.cursor import decode_cursor, encode_cursor
from propylon.kernel.errors import FieldError, Kind, PropylonError

DEFAULT_LIMIT = 15
LARGEST_LIMIT = 500
_DIGITS = re.compile(r"[0-9]{1,3}", re.ASCII)
_START, _END = "start", "end"


class Direction(Enum):
    FORWARDS = "after"
    BACKWARDS = "before"


@dataclass(frozen=True, slots=True)
class CursorList:
    """The list that cursors belong to: `scope` names it and its filters."""

    scope: str
    key: bytes

    def cursor(self, position: str, limit: int) -> str:
        return encode_cursor(f"{limit}/{position}", scope=self.scope, key=self.key)

    def read(self, text: str, field: str) -> tuple[int, str]:
        """(limit, position)."""
        limit, _, position = decode_cursor(text, scope=self.scope, key=self.key, field=field).partition("/")
        return int(limit), position


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`position`: the number of the item next to the page; None at the list's start (forwards) or end (backwards)."""

    direction: Direction
    position: int | None
    limit: int


def parse_page_request(query: Sequence[tuple[str, str]], cursors: CursorList) -> PageRequest:
    """All mistakes of the query at once; the code is that of the first."""
    mistakes: list[PropylonError] = []
    values = {name: [value for key, value in query if key == name] for name in ("before", "after", "limit")}
    for name, given in values.items():
        if len(given) > 1:
            mistakes.append(_mistake("paging.parameter.repeated", name, "was sent more than once; send it once"))
    sent = {name: given[0] for name, given in values.items() if given}
    limit = _read_limit(sent.get("limit"), mistakes)
    direction, kept_limit, position = _read_position(sent, cursors, mistakes)
    if mistakes:
        first = mistakes[0]
        errors = [error for mistake in mistakes for error in mistake.errors]
        raise PropylonError(first.code, first.message, kind=Kind.MALFORMED, errors=errors)
    return PageRequest(direction, position, limit or kept_limit)


def paging_object(
    request: PageRequest, cursors: CursorList, *, total: int, previous: int | None, following: int | None
) -> dict[str, object]:
    """`previous`, `following`: the number of the page's first and last item if something lies beyond it, else None."""
    limit = request.limit

    def text(direction: Direction, position: int | None) -> str:
        end = _START if direction is Direction.FORWARDS else _END
        cursor = cursors.cursor(end if position is None else str(position), limit)
        return f"before=&after={cursor}" if direction is Direction.FORWARDS else f"before={cursor}&after="

    return {
        "totalCount": total,
        "limit": limit,
        "first": text(Direction.FORWARDS, None),
        "last": text(Direction.BACKWARDS, None),
        "previous": None if previous is None else text(Direction.BACKWARDS, previous),
        "next": None if following is None else text(Direction.FORWARDS, following),
        "self": text(request.direction, request.position),
    }


def _read_limit(text: str | None, mistakes: list[PropylonError]) -> int | None:
    if text is None:
        return None
    if _DIGITS.fullmatch(text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    mistakes.append(_mistake("paging.limit.invalid", "limit", f"must be a whole number from 1 to {LARGEST_LIMIT}"))
    return None


def _read_position(
    sent: dict[str, str], cursors: CursorList, mistakes: list[PropylonError]
) -> tuple[Direction, int, int | None]:
    """Direction, the limit that the cursor was made with, position."""
    both = bool(sent.get("before") and sent.get("after"))
    if both:
        mistakes.append(_mistake("paging.cursor.both", "before", "is sent together with after; send one of them"))
    for direction in Direction:
        cursor = sent.get(direction.value)
        if not cursor or both:
            continue
        try:
            limit, position = cursors.read(cursor, direction.value)
        except PropylonError as error:
            mistakes.append(error)
            continue
        if position == (_END if direction is Direction.FORWARDS else _START):
            # an end's cursor under the other name: nothing lies beyond the end, so this page would always be empty
            mistakes.append(_mistake("paging.cursor.invalid", direction.value, "belongs to the other parameter"))
        return direction, limit, int(position) if position.isdecimal() else None
    return Direction.FORWARDS, DEFAULT_LIMIT, None


def _mistake(code: str, field: str, reason: str) -> PropylonError:
    return PropylonError(
        code,
        "The page that you ask for cannot be given; see errors. Follow the texts of `paging` as they are.",
        kind=Kind.MALFORMED,
        errors=[FieldError(field, "query", reason)],
    )
