"""From waiting calls to the sums of every series, by minute and coarser. Pure.

Calls are summed by (minute, operation) and by (minute, application); everything else is the sum of these.
"""

from __future__ import annotations

from collections.abc import Callable

from propylon.usage.counts import Counts, Grain, SeriesKey, SeriesKind
from propylon.usage.waiting_calls import Caller, Place, WaitingCalls

Sums = dict[tuple[int, SeriesKey], Counts]  # by start second and series


def sums_by_minute(calls: WaitingCalls, organization_of: Callable[[str], str]) -> Sums:
    """`organization_of` an application is "" where it is not known."""
    sums: Sums = {}
    for start, place, counts in calls.by_place():
        _add(sums, start, SeriesKey(SeriesKind.ENVIRONMENT, place.environment), counts)
        if place.product:
            _add(sums, start, version_series(place), counts)
            _add(sums, start, operation_series(place), counts)
    for start, caller, counts in calls.by_caller():
        if caller.application:
            owner = organization_of(caller.application)
            if owner:
                _add(sums, start, SeriesKey(SeriesKind.ORGANIZATION, caller.environment, organization=owner), counts)
            _add(sums, start, application_series(caller, owner), counts)
    return sums


def coarser(sums: Sums, grain: Grain) -> Sums:
    found: Sums = {}
    for (start, key), counts in sums.items():
        _add(found, grain.start(start), key, counts)
    return found


def version_series(place: Place) -> SeriesKey:
    return SeriesKey(SeriesKind.PRODUCT, place.environment, place.product, place.version)


def operation_series(place: Place) -> SeriesKey:
    return SeriesKey(SeriesKind.OPERATION, *place)


def application_series(caller: Caller, owner: str) -> SeriesKey:
    kind = SeriesKind.APPLICATION
    return SeriesKey(kind, caller.environment, organization=owner, application=caller.application)


def _add(sums: Sums, start: int, key: SeriesKey, counts: Counts) -> None:
    found = sums.get((start, key))
    if found is None:
        found = sums[start, key] = Counts()
    found.add(counts)
