"""Which operations an application called in a period, most called first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from propylon.usage import day_operations
from propylon.usage.analytics import MOST_ROWS, Ranked, figures_of
from propylon.usage.counts import SeriesKind
from propylon.usage.models import DayCalls, DayOperations, Series
from propylon.usage.periods import Period


def called_operations(
    application: str, period: Period, *, environment: str = "", limit: int = MOST_ROWS
) -> list[Ranked]:
    """Of the whole days (UTC) that `period` touches; without an environment those of all."""
    numbers = _numbers(application, environment)
    calls, before = _calls(numbers, period.days), _calls(numbers, period.days.before)
    chosen = [number for number, _ in sorted(calls.items(), key=lambda item: (-item[1], item[0]))[:limit]]
    found: day_operations.Operations = {}
    for data in _summed(numbers, period.days):
        day_operations.add(found, day_operations.from_bytes(data, only=set(chosen)))
    for packed in _waiting(numbers, period.days):
        day_operations.add(found, day_operations.sum_up(packed))
    names = Series.objects.in_bulk(chosen)
    return [
        Ranked(
            environment=names[number].environment,
            product=names[number].product,
            version=names[number].version,
            operation=names[number].operation,
            organization="",
            application=application,
            figures=figures_of(found[number]),
            calls_before=before[number],
        )
        for number in chosen
    ]


def _numbers(application: str, environment: str) -> list[int]:
    """One for each environment, and for each organization that it has belonged to."""
    found = Series.objects.filter(kind=SeriesKind.APPLICATION, application=application)
    if environment:
        found = found.filter(environment=environment)
    return list(found.values_list("pk", flat=True))


def _summed(numbers: list[int], days: Period) -> Iterator[bytes | memoryview]:
    found = DayOperations.objects.filter(series_id__in=numbers, start__gte=days.since, start__lt=days.until)
    return found.values_list("operations", flat=True).iterator()


def _waiting(numbers: list[int], days: Period) -> Iterator[bytes | memoryview]:
    """Calls that are not summed yet."""
    found = DayCalls.objects.filter(series_id__in=numbers, start__gte=days.since, start__lt=days.until)
    return found.values_list("packed", flat=True).iterator()


def _calls(numbers: list[int], days: Period) -> Counter[int]:
    calls: Counter[int] = Counter()
    for data in _summed(numbers, days):
        day_operations.count_calls(calls, data)
    for packed in _waiting(numbers, days):
        calls.update(day_operations.called(packed))
    return calls
