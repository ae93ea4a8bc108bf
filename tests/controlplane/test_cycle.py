"""Load, compile, offer, record; the last good one stays whatever happens."""

from __future__ import annotations

import pytest

from propylon.controlplane.cycle import Cycle, Line
from propylon.controlplane.models import Revision
from propylon.controlplane.offering import Offering
from propylon.gateway.snapshot import Resource

pytestmark = pytest.mark.django_db


class World:
    """A line over a number: odd ones cannot be compiled."""

    def __init__(self) -> None:
        self.number = 0
        self.compiled: list[int] = []
        self.offering = Offering()
        line = Line(
            "numbers", lambda: self.number, self._compile, lambda made: self.offering.offer([made]), lambda _: None
        )
        self.cycle = Cycle(line)

    def turn(self, number: int) -> str:
        """The version on offer afterwards."""
        self.number = number
        self.cycle.turn()
        return self.offering.current()["numbers"].version

    def _compile(self, number: int) -> Resource:
        self.compiled.append(number)
        if number % 2:
            raise ValueError(f"{number} is odd")
        return Resource("numbers", str(number), "{}")


def test_a_model_that_did_not_change_is_not_compiled_again() -> None:
    world = World()
    assert [world.turn(2), world.turn(2), world.turn(4)] == ["2", "2", "4"]
    assert world.compiled == [2, 4]


def test_a_failed_compilation_leaves_the_last_good_offer_and_is_recorded() -> None:
    world = World()
    assert [world.turn(2), world.turn(3), world.turn(3)] == ["2", "2", "2"]
    failed = Revision.objects.get()
    assert failed.published_at is None
    assert failed.diagnostics == [
        {"place": "numbers", "code": "controlplane.compilation.failed", "message": "ValueError: 3 is odd"}
    ]
    assert world.turn(4) == "4"
