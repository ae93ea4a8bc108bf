"""Reading the bank: keyset queries, so that every page costs the same wherever it lies."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from propylon.sandbox.bank_data import DEFAULT_SEED
from propylon.sandbox.bank_database import ensure_bank, open_bank
from propylon.sandbox.page_request import CursorList, Direction, PageRequest

Record = sqlite3.Row


@dataclass(frozen=True, slots=True)
class Page:
    """`records` in the list's order; `previous` and `following` as `paging_object` takes them."""

    records: list[Record]
    previous: int | None
    following: int | None
    total: int


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list in SQL. `condition` and `arguments` select it; `number` sorts it, downwards if `newest_first`."""

    table: str
    condition: str
    arguments: tuple[Any, ...]
    newest_first: bool

    def slice_query(self, request: PageRequest) -> tuple[str, tuple[Any, ...]]:
        """One item more than the page holds, to know whether something follows."""
        downwards = self.newest_first is (request.direction is Direction.FORWARDS)
        condition, arguments = self.condition, self.arguments
        if request.position is not None:
            condition, arguments = self._beyond(downwards), (*arguments, request.position)
        order = "DESC" if downwards else "ASC"
        return (
            f"SELECT * FROM {self.table} WHERE {condition} ORDER BY number {order} LIMIT ?",  # noqa: S608
            (*arguments, request.limit + 1),
        )

    def exists_query(self, direction: Direction, number: int) -> tuple[str, tuple[Any, ...]]:
        """Is there an item beyond `number`?"""
        downwards = self.newest_first is (direction is Direction.FORWARDS)
        return (
            f"SELECT 1 FROM {self.table} WHERE {self._beyond(downwards)} LIMIT 1",  # noqa: S608
            (*self.arguments, number),
        )

    def _beyond(self, downwards: bool) -> str:
        return f"{self.condition} AND number {'<' if downwards else '>'} ?"


class Bank:
    """The bank of one folder; the file is made and opened when it is first needed."""

    def __init__(self, folder: Path, seed: str = DEFAULT_SEED) -> None:
        self._folder = folder
        self._seed = seed

    @cached_property
    def connection(self) -> sqlite3.Connection:
        connection = open_bank(ensure_bank(self._folder, self._seed))
        connection.row_factory = sqlite3.Row
        return connection

    @cached_property
    def _cursor_key(self) -> bytes:
        key: bytes = self.connection.execute("SELECT cursor_key FROM bank").fetchone()[0]
        return key

    def cursors(self, scope: str) -> CursorList:
        return CursorList(scope, self._cursor_key)

    def account(self, owner: str | None, number: int, numbers: frozenset[int] | None = None) -> Record | None:
        """The account, if it is the owner's and among `numbers`; None as owner, or as numbers, sees all."""
        condition, arguments = _owned(owner, numbers)
        query = f"SELECT * FROM account WHERE {condition} AND number = ?"  # noqa: S608  (condition is ours)
        found: Record | None = self.connection.execute(query, (*arguments, number)).fetchone()
        return found

    def accounts(self, owner: str | None, request: PageRequest, numbers: frozenset[int] | None = None) -> Page:
        """In the order of their ids."""
        condition, arguments = _owned(owner, numbers)
        count = f"SELECT count(*) FROM account WHERE {condition}"  # noqa: S608  (condition is ours)
        total = self.connection.execute(count, arguments).fetchone()[0]
        return self._page(_Listing("account", condition, arguments, newest_first=False), request, total)

    def bookings(self, account: Record, request: PageRequest) -> Page:
        """Newest first. The count is kept with the account: counting would read them all."""
        listing = _Listing("booking", "account = ?", (account["number"],), newest_first=True)
        return self._page(listing, request, account["transactions"])

    def _page(self, listing: _Listing, request: PageRequest, total: int) -> Page:
        records = self.connection.execute(*listing.slice_query(request)).fetchall()
        goes_on = len(records) > request.limit
        records = records[: request.limit]
        if not records:
            return Page([], None, None, total)
        is_forwards = request.direction is Direction.FORWARDS
        came_from = Direction.BACKWARDS if is_forwards else Direction.FORWARDS
        nearest = records[0]["number"]
        came_past = self.connection.execute(*listing.exists_query(came_from, nearest)).fetchone() is not None
        if not is_forwards:
            records.reverse()
        before, after = (came_past, goes_on) if is_forwards else (goes_on, came_past)
        first, last = records[0]["number"], records[-1]["number"]
        return Page(records, first if before else None, last if after else None, total)


def _owned(owner: str | None, numbers: frozenset[int] | None) -> tuple[str, tuple[Any, ...]]:
    condition, arguments = ("owner = ?", (owner,)) if owner is not None else ("1", ())
    if numbers is None:
        return condition, arguments
    marks = ", ".join("?" * len(numbers))
    return f"{condition} AND number IN ({marks})", (*arguments, *sorted(numbers))
