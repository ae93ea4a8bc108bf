"""When a service was down, from what was counted per minute. Pure.

EBA/GL/2018/07, guideline 2: an interface is down from the first of five requests in a row that were not answered.
Counts per minute do not know the order of calls, so here: a service is down through minutes in which it was asked and
failed every time, minutes between them in which nobody asked included, if at least five calls failed in all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from propylon.usage.counts import Counts, Grain

_FEWEST_FAILURES = 5
_MINUTE = Grain.MINUTE.seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """Calls that the gateway let through to the service, and those of them that failed (5xx, or out of reach)."""

    calls: int
    failed: int


def asked_of(counts: Counts) -> Asked:
    """Without what the gateway refused because of the caller: a bad token is nobody's downtime."""
    asked = failed = 0
    for code, calls in counts.codes.items():
        status, _space, refusal = code.partition(" ")
        if refusal and not status.startswith("5"):
            continue
        asked += calls
        failed += calls if status.startswith("5") else 0
    return Asked(asked, failed)


def down_seconds(minutes: Iterable[tuple[int, Asked]]) -> int:
    """Of one day; `minutes` are its start seconds in ascending order, those without calls may be missing."""
    total, began, ended, failures = 0, 0, 0, 0
    for start, asked in [*minutes, (0, Asked(1, 0))]:
        if not asked.calls:
            continue
        if asked.failed == asked.calls:
            began = began if failures else start
            ended, failures = start + _MINUTE, failures + asked.failed
            continue
        if failures >= _FEWEST_FAILURES:
            total += ended - began
        failures = 0
    return total
