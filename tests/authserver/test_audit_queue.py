"""Audit records of service tokens: in batches, kept when the database takes none, written at the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from authserver.bank import Bank, Caller
from propylon.audit.models import Event
from propylon.authserver import audit_queue
from propylon.authserver.audit_queue import AuditQueue, Issued, queue
from propylon.authserver.lifespan import lifespan


def _issued(number: int) -> Issued:
    return Issued(time.time(), f"at_{number}", "cl_1", 'Ann\'s "App"', "org_1", "accounts", "192.0.2.1", "")


async def _fill(target: AuditQueue, count: int) -> None:
    for number in range(count):
        target.add(_issued(number))


@pytest.mark.django_db
def test_records_are_written_in_their_order_by_themselves() -> None:
    own = AuditQueue()

    async def issue_and_wait() -> None:
        await _fill(own, 1200)
        deadline = time.monotonic() + 10
        while own._waiting and time.monotonic() < deadline:  # noqa: ASYNC110  (it has no event to wait for)
            await asyncio.sleep(0.05)

    async_to_sync(issue_and_wait)()
    assert list(Event.objects.order_by("pk").values_list("object_id", flat=True)) == [f"at_{n}" for n in range(1200)]
    event = Event.objects.first()
    assert event is not None
    assert (event.actor_id, event.actor_label, event.organization_id) == ("cl_1", 'Ann\'s "App"', "org_1")
    assert event.data == {"grant_type": "client_credentials", "scope": "accounts", "address": "192.0.2.1"}
    assert abs(event.at.timestamp() - time.time()) < 60


@contextlib.contextmanager
def _table_away() -> Iterator[None]:
    """As in the middle of an upgrade."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event RENAME TO audit_event_away")
        yield
        cursor.execute("ALTER TABLE audit_event_away RENAME TO audit_event")


@pytest.mark.django_db
def test_what_the_database_does_not_take_waits_in_its_order() -> None:
    own = AuditQueue()
    async_to_sync(_fill)(own, 3)
    with _table_away():
        own.write()
    assert [issued.jti for issued in own._waiting] == ["at_0", "at_1", "at_2"]
    own.write()
    assert Event.objects.count() == 3
    assert not own._waiting


def test_the_end_of_the_process_writes_what_waits(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    caller.token({"grant_type": "client_credentials", "client_id": party.id}, party.on_mutual())
    assert len(queue._waiting) == 1
    messages: Iterator[dict[str, Any]] = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    async_to_sync(lifespan)({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert Event.objects.filter(action="token.issued").count() == 1


def test_a_full_queue_issues_no_more(bank: Bank, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    party = bank.client("server")
    monkeypatch.setattr(audit_queue, "_LONGEST_QUEUE", 0)
    response = caller.token({"grant_type": "client_credentials", "client_id": party.id}, party.on_mutual())
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert not queue._waiting
