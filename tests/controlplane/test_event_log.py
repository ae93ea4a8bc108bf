"""What counts as a change: a token that is issued does not, so nothing is loaded anew because of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.audit.bell import SILENT_OBJECTS
from propylon.controlplane.event_log import EventLog, consistently
from propylon.kernel.actor import SYSTEM


def happen(kind: str) -> int:
    with transaction.atomic():
        event = record_event(acting_user=SYSTEM, action=f"{kind}.x", object_kind=kind, object_id="1")
    return int(event.pk)


@pytest.mark.django_db
def test_only_events_that_may_concern_a_gateway_are_changes() -> None:
    log = EventLog()
    before = log.latest_change()
    for kind in SILENT_OBJECTS:
        happen(kind)
        assert log.latest_change() == before
    changed = happen("application")
    happen("token")
    assert log.latest_change() == changed
    assert log.latest_change() == changed


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "loads"), [("token", 1), ("mark", 2)])
def test_a_model_is_loaded_again_only_if_something_changed_meanwhile(kind: str, loads: int) -> None:
    loaded: list[str] = []

    def load() -> None:
        if not loaded:
            happen(kind)
        loaded.append(kind)

    consistently(load, EventLog())
    assert len(loaded) == loads


@pytest.fixture
def bell() -> Iterator[socket.socket]:
    path: Path = settings.PROPYLON_HOME.bell_socket
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.setblocking(False)
        yield listening
    path.unlink()


@pytest.mark.django_db(transaction=True)
def test_a_token_rings_no_bell(bell: socket.socket) -> None:
    happen("token")
    with pytest.raises(BlockingIOError):
        bell.recv(16)
    happen("mark")
    assert bell.recv(16)
