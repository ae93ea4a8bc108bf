"""Audit records of client-credentials grants, written in batches: such a grant stores nothing else.

A process that is killed loses at most what it issued in the last third of a second; all else waits in the queue until
the database takes it, and when the queue is full no more tokens are issued.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from propylon.audit.models import Event
from propylon.authserver.threads import in_thread

_FLUSH_EVERY = 0.3  # seconds
_BATCH = 500
_LONGEST_QUEUE = 50_000
_log = logging.getLogger(__name__)


class Issued(NamedTuple):
    """One access token that was issued; never the token itself."""

    at: float  # epoch seconds
    jti: str
    client_id: str
    client_name: str
    organization: str
    scope: str
    source_address: str
    tracking_id: str


class AuditQueue:
    """Filled in the event loop, emptied in the database thread."""

    def __init__(self) -> None:
        self._waiting: deque[Issued] = deque()
        self._writing = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= _LONGEST_QUEUE

    def add(self, issued: Issued) -> None:
        self._waiting.append(issued)
        loop = asyncio.get_running_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(_FLUSH_EVERY, self._start_flush)

    def _start_flush(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._flush())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flush(self) -> None:
        await in_thread(self.write)
        if self._waiting and self._timer is None:  # the database did not take them: try again, for ever
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_EVERY, self._start_flush)

    def write(self) -> None:
        """Write what is waiting. What fails stays in the queue, in its order."""
        with self._writing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                try:
                    _insert(batch)
                except DatabaseError:
                    self._waiting.extendleft(reversed(batch))
                    _log.exception("token.audit_delayed", extra={"waiting": len(self._waiting)})
                    return


_COLUMNS = (
    "at", "action", "actor_kind", "actor_id", "actor_label", "object_kind", "object_id", "organization_id",
    "tracking_id", "data",
)  # fmt: skip


def _insert(batch: list[Issued]) -> None:
    """Plain SQL: through model instances a row costs five times as much, which is most of what a grant may cost."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in _COLUMNS)
    values = ", ".join(["%s"] * len(_COLUMNS))
    statement = f"INSERT INTO {quote(Event._meta.db_table)} ({names}) VALUES ({values})"  # noqa: S608, SLF001
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, [_row(issued) for issued in batch])


def _row(issued: Issued) -> tuple[Any, ...]:
    data = {"grant_type": "client_credentials", "scope": issued.scope, "address": issued.source_address}
    return (
        connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(issued.at, UTC)),
        "token.issued",
        "client",
        issued.client_id,
        issued.client_name,
        "token",
        issued.jti,
        issued.organization,
        issued.tracking_id,
        json.dumps(data),
    )


queue = AuditQueue()
