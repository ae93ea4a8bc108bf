"""Two layers of marks: whatever happens between them, a node that asks gets every live mark in one of them."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from propylon.controlplane import layers
from propylon.controlplane.actions import Running, record_confirmation
from propylon.controlplane.cycle import Cycle
from propylon.controlplane.layers import MarkLayers
from propylon.controlplane.models import Node, Settlement
from propylon.controlplane.offering import Offering
from propylon.gateway.snapshot import MARKS_KIND, SETTLED_KIND, Resource
from propylon.gateway.wire_reading import decoded
from propylon.kernel.actor import SYSTEM
from propylon.marks.actions import place_mark
from propylon.marks.models import Mark

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def place(*values: str) -> None:
    for value in values:
        place_mark(acting_user=SYSTEM, kind="token", value=value, reason="test", lifetime=HOUR)


def marks_in(resource: Resource) -> set[str]:
    return set(re.findall(r'"(jti-[a-z0-9]+)"', json.dumps(decoded(resource))))


class Plane:
    """The two lines of one worker, turned by hand, and a node that takes what it is given."""

    def __init__(self) -> None:
        self.start()
        self.have: dict[str, str] = {}
        self.held: dict[str, set[str]] = {MARKS_KIND: set(), SETTLED_KIND: set()}

    def start(self) -> None:
        """Also: a worker that was killed, and everything that it had in memory."""
        self.offering = Offering()
        made = MarkLayers(self.offering, lambda: ())
        self.layers = made
        self.settled, self.recent = Cycle(made.settled_line()), Cycle(made.recent_line())

    def settle_now(self) -> None:
        self.layers._made_at = None  # as if it were time
        self.settled.turn()

    def take(self, *kinds: str) -> set[str]:
        """The node asks for each of the kinds; everything that it refuses afterwards."""
        for kind in kinds:
            have = {kind: self.have.get(kind, ""), SETTLED_KIND: self.have.get(SETTLED_KIND, "")}
            found = asyncio.run(self.offering.difference([kind], have, 0))
            for resource in found.values():
                self.have[kind], self.held[kind] = resource.version, marks_in(resource)
        return self.held[MARKS_KIND] | self.held[SETTLED_KIND]

    def confirm(self) -> None:
        record_confirmation(node="node-1", running={kind: Running(version) for kind, version in self.have.items()})


@pytest.fixture
def plane() -> Plane:
    """Marks jti-1 and jti-2 settled, confirmed, and gone from the recent layer."""
    place("jti-1", "jti-2")
    made = Plane()
    made.settled.turn()
    made.recent.turn()
    made.take(SETTLED_KIND, MARKS_KIND)
    made.confirm()
    made.recent.turn()
    made.take(MARKS_KIND)
    assert made.held == {MARKS_KIND: set(), SETTLED_KIND: {"jti-1", "jti-2"}}
    return made


def test_a_new_mark_changes_the_recent_layer_only(plane: Plane) -> None:
    before = plane.offering.current()[SETTLED_KIND]
    place("jti-3")
    plane.recent.turn()
    plane.settled.turn()
    plane.take(SETTLED_KIND, MARKS_KIND)
    assert plane.held[MARKS_KIND] == {"jti-3"}
    assert plane.offering.current()[SETTLED_KIND] is before


def test_a_mark_leaves_the_recent_layer_only_after_the_node_has_confirmed_the_settlement(plane: Plane) -> None:
    place("jti-3")
    plane.settle_now()
    plane.recent.turn()
    plane.take(MARKS_KIND)
    assert plane.held[MARKS_KIND] == {"jti-3"}
    plane.take(SETTLED_KIND)
    plane.recent.turn()
    plane.take(MARKS_KIND)
    assert plane.held[MARKS_KIND] == {"jti-3"}
    plane.confirm()
    plane.recent.turn()
    plane.take(MARKS_KIND)
    assert plane.held == {MARKS_KIND: set(), SETTLED_KIND: {"jti-1", "jti-2", "jti-3"}}


def test_a_worker_killed_between_the_layers_loses_no_mark_of_the_node(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {"jti-1", "jti-2", "jti-3"}
    place("jti-3")
    plane.recent.turn()
    assert plane.take(MARKS_KIND) == everything
    plane.settle_now()  # recorded, never given to the node
    plane.start()
    plane.settled.turn()
    plane.recent.turn()
    assert plane.take(MARKS_KIND) == everything
    assert plane.take(SETTLED_KIND) == everything
    monkeypatch.setattr(layers, "_START_SECONDS", 0)
    plane.start()  # given, not confirmed, and the first settlement takes its time
    plane.recent.turn()
    assert plane.take(MARKS_KIND) == everything
    plane.confirm()
    plane.start()
    plane.settled.turn()
    plane.recent.turn()
    assert plane.take(MARKS_KIND, SETTLED_KIND) == everything


def test_a_settlement_that_fails_leaves_all_marks_in_the_recent_layer(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, the compiler breaks: marks act all the same."""
    monkeypatch.setattr(layers, "compile_settled", lambda _: 1 / 0)
    plane.start()
    plane.settled.turn()
    plane.recent.turn()
    plane.have = {}
    plane.take(MARKS_KIND)
    assert plane.held[MARKS_KIND] == {"jti-1", "jti-2"}


def test_a_node_that_comes_back_with_an_old_settlement_gets_all_marks_at_once(plane: Plane) -> None:
    old = dict(plane.have)
    Node.objects.update(last_seen_at=timezone.now() - HOUR)
    record_confirmation(node="node-2", running={SETTLED_KIND: Running(plane.have[SETTLED_KIND])})
    place("jti-3")
    plane.settle_now()
    record_confirmation(node="node-2", running={SETTLED_KIND: Running(plane.offering.current()[SETTLED_KIND].version)})
    place("jti-4")
    plane.recent.turn()
    everything = {"jti-1", "jti-2", "jti-3", "jti-4"}
    plane.have = old
    plane.take(MARKS_KIND)
    assert plane.held[MARKS_KIND] == everything
    plane.take(SETTLED_KIND)
    plane.confirm()
    plane.recent.turn()
    assert plane.take(MARKS_KIND) == everything
    assert plane.held[MARKS_KIND] == {"jti-4"}


def test_a_mark_that_had_expired_and_is_placed_again_is_recent_again(plane: Plane) -> None:
    Mark.objects.filter(value="jti-1").update(expires_at=timezone.now())
    plane.settle_now()
    plane.take(SETTLED_KIND)
    plane.confirm()
    assert plane.held[SETTLED_KIND] == {"jti-2"}
    place("jti-1")
    plane.recent.turn()
    assert plane.take(MARKS_KIND) == {"jti-1", "jti-2"}


def test_settlements_are_numbered_and_old_ones_forgotten(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("propylon.controlplane.actions._SETTLEMENTS_KEPT", 2)
    for number in range(5):
        place(f"jti-{number + 10}")
        plane.settle_now()
    numbers = list(Settlement.objects.order_by("pk").values_list("pk", flat=True))
    assert len(numbers) == 3
    assert plane.layers._settled is not None
    assert plane.layers._settled.number == numbers[-1]


def test_a_confirmed_settlement_ends_the_nodes_poll_for_marks_so_that_it_tells_what_it_runs_now(plane: Plane) -> None:
    async def talk() -> tuple[object, bool]:
        poll = plane.offering.difference([MARKS_KIND], plane.have, 20, "node-1")
        others = plane.offering.difference([SETTLED_KIND], plane.have, 0.2, "node-1")
        waiting, other = asyncio.create_task(poll), asyncio.create_task(others)
        await asyncio.sleep(0.05)
        assert plane.offering.note_settled("node-1", "another")
        answer = await asyncio.wait_for(waiting, 2)
        is_other_waiting = not other.done()
        await other
        return answer, is_other_waiting

    assert asyncio.run(talk()) == ({}, True)
