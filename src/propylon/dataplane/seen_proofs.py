"""The proofs that a node has accepted lately, so that none counts twice (RFC 9449, 11.1). Bounded, and outlives a kill.

Two tables in one file in shared memory: what is accepted goes into the younger one, both are looked at. When the
younger one is as old as a proof may get, the older one is emptied and becomes the younger. So a proof is known for at
least as long as it could be used again. The file is mapped: what a killed process knew, the next one knows.
"""

from __future__ import annotations

import mmap
import os
import sys
from enum import Enum
from pathlib import Path

SLOTS = 2**18  # of a table, 8 bytes each; a power of two
_FULLEST = 3 / 4  # beyond it a look takes long
_HEADER_WORDS = 8
_FORMAT = 0x70726F6F_66730001  # changes with the layout: another file is begun anew
_FORMAT_AT, _YOUNGER_AT, _BEGAN_AT, _COUNT_AT = 0, 1, 2, 4  # words; the last two have one for each table


class Outcome(Enum):
    NEW = "new"
    REPLAYED = "replayed"
    FULL = "full"  # nothing was remembered: the proof must not be accepted


class SeenProofs:
    """At most `slots` * 3/4 proofs in each `kept_seconds`. For one thread."""

    def __init__(self, path: Path, *, kept_seconds: int, slots: int = SLOTS) -> None:
        self._slots, self._kept = slots, kept_seconds
        size = 8 * (_HEADER_WORDS + 2 * slots)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.pread(descriptor, 8, 8 * _FORMAT_AT) != _FORMAT.to_bytes(8, sys.byteorder):
                os.ftruncate(descriptor, 0)  # so that all of it is empty, and no memory is used for it yet
            os.ftruncate(descriptor, size)
            self._memory = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self._words = memoryview(self._memory).cast("Q")
        self._words[_FORMAT_AT] = _FORMAT

    def add(self, digest: bytes, now: int) -> Outcome:
        """Remember a proof by its digest; `now` in seconds since 1970."""
        self._turn(now)
        key = int.from_bytes(digest[:8]) or 1  # 0 is an empty slot
        younger = self._words[_YOUNGER_AT]
        if self._words[self._find(1 - younger, key)] == key:
            return Outcome.REPLAYED
        slot = self._find(younger, key)
        if self._words[slot] == key:
            return Outcome.REPLAYED
        if self._words[_COUNT_AT + younger] >= self._slots * _FULLEST:
            return Outcome.FULL
        self._words[slot] = key
        self._words[_COUNT_AT + younger] += 1
        return Outcome.NEW

    def _find(self, table: int, key: int) -> int:
        """The word that holds the key, or the empty one where it belongs."""
        words, mask = self._words, self._slots - 1
        begin, at = _HEADER_WORDS + table * self._slots, key & mask
        while words[begin + at] not in (0, key):
            at = (at + 1) & mask
        return begin + at

    def _turn(self, now: int) -> None:
        younger = self._words[_YOUNGER_AT]
        began = self._words[_BEGAN_AT + younger]
        if began > now:  # the clock was set back: better to know a proof for too long
            self._words[_BEGAN_AT + younger] = now
        if now - began < self._kept:
            return
        if now - began >= 2 * self._kept:
            self._empty(younger)
        self._empty(1 - younger)
        self._words[_BEGAN_AT + 1 - younger] = now
        self._words[_YOUNGER_AT] = 1 - younger

    def _empty(self, table: int) -> None:
        begin = 8 * (_HEADER_WORDS + table * self._slots)
        self._memory[begin : begin + 8 * self._slots] = bytes(8 * self._slots)
        self._words[_COUNT_AT + table] = 0
