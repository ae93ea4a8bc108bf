"""Audit records of service tokens: together in one transaction, and no token without its committed record."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authserver.bank import Bank, Caller
from propylon.audit.models import Event
from propylon.authserver.audit_queue import AuditQueue, Issued


def _issued(number: int) -> Issued:
    return Issued("cl_1", 'Ann\'s "App"', f"at_{number}", "org_1", "", "accounts", "192.0.2.1")


async def _store(own: AuditQueue, count: int) -> list[bool]:
    return await asyncio.gather(*(own.add(_issued(number)) for number in range(count)))


@contextlib.contextmanager
def _table_away() -> Iterator[None]:
    """As in the middle of an upgrade."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event RENAME TO audit_event_away")
        yield
        cursor.execute("ALTER TABLE audit_event_away RENAME TO audit_event")


@pytest.mark.django_db
def test_records_that_come_together_are_written_in_their_order_by_few_statements() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert all(async_to_sync(_store)(AuditQueue(), 250))
    assert len([each for each in queries if "INSERT" in each["sql"]]) == 3
    assert list(Event.objects.order_by("pk").values_list("object_id", flat=True)) == [f"at_{n}" for n in range(250)]
    event = Event.objects.first()
    assert event is not None
    assert (event.action, event.actor_kind, event.object_kind) == ("token.issued", "client", "token")
    assert (event.actor_id, event.actor_label, event.organization_id) == ("cl_1", 'Ann\'s "App"', "org_1")
    assert event.data == {"grant_type": "client_credentials", "scope": "accounts", "address": "192.0.2.1"}
    assert abs(event.at.timestamp() - time.time()) < 60


@pytest.mark.django_db
def test_no_outcome_before_the_record_is_in_the_database() -> None:
    own = AuditQueue()

    async def ask() -> None:
        waiting = own.add(_issued(1))
        while not waiting.done():
            was_there = await sync_to_async(Event.objects.exists)()
            assert was_there or not waiting.done()
        assert await waiting
        assert await sync_to_async(Event.objects.exists)()

    async_to_sync(ask)()


@pytest.mark.django_db
def test_a_request_that_is_given_up_takes_nobody_elses_record_along() -> None:
    own = AuditQueue()

    async def ask() -> list[bool]:
        given_up, *others = [own.add(_issued(number)) for number in range(3)]
        await asyncio.sleep(0)
        given_up.cancel()
        return await asyncio.gather(*others)

    assert async_to_sync(ask)() == [True, True]
    assert Event.objects.count() == 3


@pytest.mark.django_db
def test_what_the_database_does_not_take_is_said_and_the_next_works_again() -> None:
    own = AuditQueue()
    with _table_away():
        assert async_to_sync(_store)(own, 3) == [False, False, False]
    assert not Event.objects.exists()
    assert async_to_sync(_store)(own, 2) == [True, True]
    assert Event.objects.count() == 2


def test_a_service_token_goes_out_with_its_record(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    answer = caller.token({"grant_type": "client_credentials", "client_id": party.id}, party.on_mutual())
    assert answer.status_code == 200
    assert Event.objects.filter(action="token.issued", actor_id=party.id).count() == 1


def test_without_its_record_no_token_goes_out(bank: Bank, caller: Caller) -> None:
    """The client is in memory, so that nothing but the record is missing."""
    party = bank.client("server")
    form = {"grant_type": "client_credentials", "client_id": party.id}
    assert caller.token(form, party.on_mutual()).status_code == 200
    before = Event.objects.count()
    with _table_away():
        answer = caller.token(form, party.on_mutual())
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert "access_token" not in answer.json()
    assert len(answer.headers["requesttrackingid"]) == 36
    assert Event.objects.count() == before
    assert caller.token(form, party.on_mutual()).status_code == 200
