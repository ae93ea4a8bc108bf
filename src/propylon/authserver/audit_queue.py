"""Audit records of client-credentials grants: many in one transaction, and no answer before its record is committed.

Such a grant stores nothing else. While one transaction runs, the grants that come meanwhile gather for the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import Error, connection

from propylon.audit.models import Event
from propylon.authserver.threads import in_thread

_LARGEST_BATCH = 100
_log = logging.getLogger(__name__)


class Issued(NamedTuple):
    """One access token that is about to be issued; never the token itself."""

    client_id: str
    client_name: str
    jti: str
    organization: str
    tracking_id: str
    scope: str
    source_address: str


_Waiting = tuple[Issued, "asyncio.Future[bool]"]


class AuditQueue:
    """Used from the event loop. It holds as many records as requests wait, which the server bounds."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None

    def add(self, issued: Issued) -> asyncio.Future[bool]:
        """True once the record is committed; False if the database did not take it: then no token may go out."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((issued, outcome))
        if self._writer is None:
            self._writer = loop.create_task(self._write())
        return outcome

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_LARGEST_BATCH, len(self._waiting)))]
                is_stored = await _is_stored([issued for issued, _ in batch])
                for _, outcome in batch:
                    if not outcome.done():  # its request was given up
                        outcome.set_result(is_stored)
        finally:
            self._writer = None


async def _is_stored(batch: list[Issued]) -> bool:
    try:
        await in_thread(_insert, batch)
    except Error:
        _log.exception("token.audit_failed", extra={"tokens": len(batch)})
        return False
    return True


_COLUMNS = (
    "action", "actor_kind", "object_kind", "at", "actor_id", "actor_label", "object_id", "organization_id",
    "tracking_id", "data",
)  # fmt: skip


def _insert(batch: list[Issued]) -> None:
    """Plain SQL, because a row costs five times as much through model instances; one statement, because each call into
    the database gives the interpreter away and waits to get it back. A statement is a transaction by itself."""
    at = connection.ops.adapt_datetimefield_value(datetime.now(UTC))
    values: list[Any] = []
    for issued in batch:
        values += (at, *issued[:-2], _data(issued.scope, issued.source_address))
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(batch)), values)


@lru_cache(maxsize=_LARGEST_BATCH)
def _statement(rows: int) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in _COLUMNS)
    row = "('token.issued', 'client', 'token'" + ", %s" * (len(_COLUMNS) - 3) + ")"
    table = quote(Event._meta.db_table)  # noqa: SLF001
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * rows)}"  # noqa: S608


@lru_cache(maxsize=1024)
def _data(scope: str, address: str) -> str:
    return orjson.dumps({"grant_type": "client_credentials", "scope": scope, "address": address}).decode()


queue = AuditQueue()
