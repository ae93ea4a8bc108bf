"""Audit records of client-credentials grants, written in batches: such a grant stores nothing else.

A process that is killed loses at most what it issued in the last third of a second; all else waits in the queue until
the database takes it, and when the queue is full no more tokens are issued.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, transaction

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
                    with transaction.atomic():
                        Event.objects.bulk_create(_event(issued) for issued in batch)
                except DatabaseError:
                    self._waiting.extendleft(reversed(batch))
                    _log.exception("token.audit_delayed", extra={"waiting": len(self._waiting)})
                    return


def _event(issued: Issued) -> Event:
    return Event(
        at=datetime.fromtimestamp(issued.at, UTC),
        action="token.issued",
        actor_kind="client",
        actor_id=issued.client_id,
        actor_label=issued.client_name,
        object_kind="token",
        object_id=issued.jti,
        organization_id=issued.organization,
        tracking_id=issued.tracking_id,
        data={"grant_type": "client_credentials", "scope": issued.scope, "address": issued.source_address},
    )


queue = AuditQueue()
