"""What the compiler made of a part of the last model, for the next model that has the same part. Results do not depend
on it: what is kept is a pure function of its key."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Holds what was used in this round and the one before, so never more than two models. Safe between threads: at
    worst something is made twice."""

    def __init__(self) -> None:
        self._now: dict[Hashable, Value] = {}
        self._before: dict[Hashable, Value] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """`make` must depend on nothing but the key."""
        now, before = self._now, self._before
        if key not in now:
            now[key] = before[key] if key in before else make()
        return now[key]

    def next_round(self) -> None:
        """Another model begins."""
        self._before, self._now = self._now, {}
