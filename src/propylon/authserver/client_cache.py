"""Clients in memory, for grants that need nothing else from the database.

At most once a second the event log is asked what has changed since; what changed is dropped. An entry that is stale for
that second issues tokens of an old generation, which marks refuse. A refusal is never decided on a cached entry: the
token endpoint loads it again first. So a new subscription or approval works with the next request.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from propylon.applications.models import Client
from propylon.audit.bell import SILENT_OBJECTS
from propylon.audit.models import Event
from propylon.authserver.selectors import client_record
from propylon.authserver.threads import in_thread
from propylon.certificates.models import Certificate, Order
from propylon.oauth.records import ClientRecord

_TRUSTED_FOR = 1.0  # seconds without asking the event log
_LATE = 10.0  # seconds in which an event may commit after later ones, where transactions do not wait for one another
_COMMITS_IN_ORDER = frozenset({"sqlite"})
_LONGEST_AGE = 600.0  # seconds; a net below the event log
_MOST_KEPT = 100_000  # clients, about a kilobyte each; the oldest give way
_MOST_CHANGES = 200  # more than this at once, and everything is dropped
# Events about these say nothing about a client.
_UNRELATED = (*SILENT_OBJECTS, "mark", "upstream")


def _of_applications(public_ids: list[str]) -> Iterable[str]:
    return Client.objects.filter(application__public_id__in=public_ids).values_list("client_id", flat=True)


def _of_certificates(public_ids: list[str]) -> Iterable[str]:
    return Certificate.objects.filter(public_id__in=public_ids).values_list("client__client_id", flat=True)


def _of_orders(public_ids: list[str]) -> Iterable[str]:
    return Order.objects.filter(public_id__in=public_ids).values_list("client__client_id", flat=True)


# Events about these say which clients they are about; events about anything else drop every client.
_CLIENTS_OF: Mapping[str, Callable[[list[str]], Iterable[str]]] = MappingProxyType(
    {
        "client": lambda client_ids: client_ids,
        "application": _of_applications,
        "certificate": _of_certificates,
        "certificate_order": _of_orders,
    }
)


@dataclass(frozen=True, slots=True)
class _Changes:
    after: int  # these are of events with higher ids
    last_event: int
    events: frozenset[int]  # those that were looked at
    clients: frozenset[str]
    is_everything: bool


class _Position:
    """How far the event log was read. An event that commits late has an id below the last one that was seen: so each
    look begins where the log stood `late` seconds ago, and what was looked at before is passed over."""

    def __init__(self) -> None:
        self._stood: deque[tuple[float, int]] = deque()  # the last id, and since when
        self.looked_at: frozenset[int] = frozenset()

    def begin(self, now: float, late: float) -> int | None:
        """Look at the events after this one; None: nothing is known yet."""
        while len(self._stood) > 1 and self._stood[1][0] <= now - late:
            self._stood.popleft()
        return self._stood[0][1] if self._stood else None

    def advance(self, now: float, changes: _Changes) -> None:
        if not self._stood:
            self._stood.append((now, changes.after))
        self._stood.append((now, changes.last_event))
        self.looked_at = frozenset(each for each in self.looked_at | changes.events if each > changes.after)


class ClientCache:
    """One per process; used from its event loop only."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[ClientRecord, float]] = {}
        self._checked_at = float("-inf")
        self._position = _Position()
        self._version = 0
        self._check: asyncio.Task[None] | None = None

    async def get(self, client_id: str) -> tuple[ClientRecord | None, bool]:
        """The client, and whether it was loaded just now."""
        now = time.monotonic()
        if now - self._checked_at > _TRUSTED_FOR:
            await self._revalidate()
        entry = self._entries.get(client_id)
        if entry is not None and now - entry[1] < _LONGEST_AGE:
            return entry[0], False
        return await self.load(client_id), True

    async def load(self, client_id: str) -> ClientRecord | None:
        """From the database. Unknown clients are not remembered."""
        version = self._version
        record = await in_thread(client_record, client_id)
        if record is None:
            self._entries.pop(client_id, None)
        elif version == self._version:  # else something changed meanwhile, perhaps this client
            self._entries.pop(client_id, None)
            self._entries[client_id] = (record, time.monotonic())
            if len(self._entries) > _MOST_KEPT:
                del self._entries[next(iter(self._entries))]
        return record

    def forget(self) -> None:
        self._entries.clear()
        self._version += 1
        self._position = _Position()
        self._checked_at = float("-inf")

    async def _revalidate(self) -> None:
        """One question at a time; whoever comes meanwhile waits for the same answer."""
        check = self._check
        if check is None or check.done() or check.get_loop() is not asyncio.get_running_loop():
            check = self._check = asyncio.create_task(self._drop_what_changed())
        await asyncio.shield(check)

    async def _drop_what_changed(self) -> None:
        asked_at = time.monotonic()
        late = 0.0 if connection.vendor in _COMMITS_IN_ORDER else _LATE
        after = self._position.begin(asked_at, late)
        changes = await (
            in_thread(_begin, late) if after is None else in_thread(_changes_since, after, self._position.looked_at)
        )
        if changes.is_everything:
            self._entries.clear()
        for client_id in changes.clients:
            self._entries.pop(client_id, None)
        if changes.is_everything or changes.clients:
            self._version += 1
        self._position.advance(asked_at, changes)
        self._checked_at = asked_at


def _begin(late: float) -> _Changes:
    """Where the log stood `late` seconds ago, and where it stands."""
    earlier = Event.objects.filter(at__lte=timezone.now() - timedelta(seconds=late))
    after = earlier.order_by("-at", "-id").values_list("id", flat=True).first() or 0
    last = Event.objects.aggregate(last=Max("id"))["last"] or 0
    return _Changes(min(after, last), last, frozenset(), frozenset(), is_everything=True)


def _changes_since(after: int, looked_at: frozenset[int]) -> _Changes:
    """What events with higher ids say, but for those that were looked at."""
    later = Event.objects.filter(id__gt=after)
    last = later.aggregate(last=Max("id"))["last"] or after
    rows = later.filter(id__lte=last).exclude(object_kind__in=_UNRELATED).values_list("id", "object_kind", "object_id")
    found = [row for row in rows[: _MOST_CHANGES + len(looked_at) + 1] if row[0] not in looked_at]
    events = frozenset(row[0] for row in found)
    by_kind: dict[str, list[str]] = {}
    for _, kind, identifier in found:
        by_kind.setdefault(kind, []).append(identifier)
    if len(found) > _MOST_CHANGES or not by_kind.keys() <= _CLIENTS_OF.keys():
        return _Changes(after, last, events, frozenset(), is_everything=True)
    touched = (name for kind, identifiers in by_kind.items() for name in _CLIENTS_OF[kind](identifiers))
    return _Changes(after, last, events, frozenset(touched), is_everything=False)


clients = ClientCache()
