"""Clients in memory, for grants that need nothing else from the database.

At most once a second the event log is asked what has changed since; what changed is dropped. An entry that is stale for
that second issues tokens of an old generation, which marks refuse. A refusal is never decided on a cached entry: the
token endpoint loads it again first. So a new subscription or approval works with the next request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Max

from propylon.applications.models import Client
from propylon.audit.bell import SILENT_OBJECTS
from propylon.audit.models import Event
from propylon.authserver.selectors import client_record
from propylon.authserver.threads import in_thread
from propylon.certificates.models import Certificate, Order
from propylon.oauth.records import ClientRecord

_TRUSTED_FOR = 1.0  # seconds without asking the event log
_LONGEST_AGE = 30.0  # seconds; a net below the event log, whose ids may commit out of order on PostgreSQL
_MOST_KEPT = 20_000  # clients, some kilobytes each; the oldest give way
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
    last_event: int
    clients: frozenset[str]
    is_everything: bool


class ClientCache:
    """One per process; used from its event loop only."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[ClientRecord, float]] = {}
        self._checked_at = float("-inf")
        self._last_event = -1
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
        self._last_event = -1
        self._checked_at = float("-inf")

    async def _revalidate(self) -> None:
        """One question at a time; whoever comes meanwhile waits for the same answer."""
        check = self._check
        if check is None or check.done() or check.get_loop() is not asyncio.get_running_loop():
            check = self._check = asyncio.create_task(self._drop_what_changed())
        await asyncio.shield(check)

    async def _drop_what_changed(self) -> None:
        asked_at = time.monotonic()
        changes = await in_thread(_changes_since, self._last_event)
        if changes.is_everything:
            self._entries.clear()
        for client_id in changes.clients:
            self._entries.pop(client_id, None)
        if changes.is_everything or changes.clients:
            self._version += 1
        self._last_event, self._checked_at = changes.last_event, asked_at


def _changes_since(event_id: int) -> _Changes:
    later = Event.objects.filter(id__gt=event_id)
    if event_id < 0:
        return _Changes(later.aggregate(last=Max("id"))["last"] or 0, frozenset(), is_everything=True)
    last = later.aggregate(last=Max("id"))["last"] or event_id
    found = list(
        later.filter(id__lte=last)
        .exclude(object_kind__in=_UNRELATED)
        .values_list("object_kind", "object_id")[: _MOST_CHANGES + 1]
    )
    by_kind: dict[str, list[str]] = {}
    for kind, identifier in found:
        by_kind.setdefault(kind, []).append(identifier)
    if len(found) > _MOST_CHANGES or not by_kind.keys() <= _CLIENTS_OF.keys():
        return _Changes(last, frozenset(), is_everything=True)
    touched = (name for kind, identifiers in by_kind.items() for name in _CLIENTS_OF[kind](identifiers))
    return _Changes(last, frozenset(touched), is_everything=False)


clients = ClientCache()
