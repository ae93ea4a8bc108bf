"""Choices that look like chance and are none: every draw follows from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """The same seed gives the same choices in the same order, on every machine and in every version."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        self._count += 1
        digest = hashlib.sha256(self._seed + b"\0%d" % self._count).digest()
        return int.from_bytes(digest) % max(limit, 1)

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def choose(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def text(self, alphabet: str, length: int) -> str:
        return "".join(self.choose(alphabet) for _ in range(length))
