"""Adding up what batches counted: per minute, hour, day and week, each batch exactly once.

A batch's counts are stored with its records, in one transaction, and deleted in the transaction that adds them to the
rollups. Adding up is done later than storing so that many calls of one series are one write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from django.db import connections, transaction
from django.db.models import Count, Max, Q, Sum

from propylon.applications.models import Application
from propylon.usage import day_operations, latency
from propylon.usage.counts import Counts, Grain, SeriesKey
from propylon.usage.ingest_connection import DATABASE
from propylon.usage.models import (
    DayCalls,
    DayCounts,
    DayOperations,
    HourCounts,
    MinuteCounts,
    PendingCounts,
    PeriodCounts,
    Series,
    VersionCalls,
    WeekCounts,
)
from propylon.usage.sums import (
    Sums,
    application_series,
    coarser,
    operation_series,
    sums_by_minute,
    version_series,
)
from propylon.usage.waiting_calls import WaitingCalls

TABLES: Final[Mapping[Grain, type[PeriodCounts]]] = {
    Grain.MINUTE: MinuteCounts,
    Grain.HOUR: HourCounts,
    Grain.DAY: DayCounts,
    Grain.WEEK: WeekCounts,
}
MOST_CALLS = 50_000  # at once: what is added up lies in memory
_AT_ONCE = 400  # values of a condition
# Of one application and day: when its calls are summed by operation.
_MANY_CALLS, _MANY_PIECES = 10_000, 64
_MOST_SUMMED = 40  # applications
_MOST_REMEMBERED = 50_000
_SUMS = ("calls", "refused", "errors", "failed", "duration_ms", "bytes_received", "bytes_sent")
COLUMNS = (*_SUMS, "codes", "latency")
Item = TypeVar("Item")

_series_ids: dict[SeriesKey, int] = {}  # of this process; a series is never deleted


def add_up() -> int:
    """Add waiting batches to the rollups, some MOST_CALLS calls at once; how many calls. 0: none were waiting."""
    with transaction.atomic(using=DATABASE):
        batches = _waiting()
        if not batches:
            return 0
        calls = WaitingCalls()
        for batch in batches:
            calls.take(batch.counted)
        owner_of = _owners(calls.applications)
        sums = sums_by_minute(calls, owner_of)
        numbers = _ids({key for _, key in sums})
        for grain, table in TABLES.items():
            sums = coarser(sums, grain)
            _store(table, sums, numbers)
        _store_days(calls, owner_of, numbers)
        PendingCounts.objects.filter(pk__in=[batch.pk for batch in batches]).delete()
    return len(calls)


def forget_counts_before(grain: Grain, moment: datetime) -> int:
    """Delete this grain's rows that begin before `moment`, some series a transaction; how many rows."""
    deleted = 0
    numbers = list(Series.objects.order_by("pk").values_list("pk", flat=True))
    for some in _in_pieces(numbers):
        old = TABLES[grain].objects.filter(series_id__in=some, start__lt=int(moment.timestamp()))
        deleted += old._raw_delete(DATABASE)  # noqa: SLF001  (nothing refers to them)
    if grain is Grain.DAY:
        for table in (DayOperations, DayCalls, VersionCalls):
            table.objects.filter(start__lt=int(moment.timestamp()))._raw_delete(DATABASE)  # noqa: SLF001
    return deleted


def _waiting() -> list[PendingCounts]:
    """The oldest, as many as fit into memory; locked, so that two processes never add the same ones."""
    found, calls = [], 0
    for batch in PendingCounts.objects.select_for_update().order_by("pk")[:1_000].iterator():
        found.append(batch)
        calls += batch.calls
        if calls >= MOST_CALLS:
            break
    return found


def _owners(applications: Iterable[str]) -> Callable[[str], str]:
    """The organization of each application; "" for one that is not known."""
    known: dict[str, str] = {}
    for some in _in_pieces(sorted(applications)):
        rows = Application.objects.filter(public_id__in=some)
        known.update(rows.values_list("public_id", "organization__public_id"))
    return lambda application: known.get(application, "")


def _store(table: type[PeriodCounts], sums: Sums, numbers: Mapping[SeriesKey, int]) -> None:
    by_start: dict[int, dict[int, Counts]] = {}
    for (start, key), counts in sums.items():
        by_start.setdefault(start, {})[numbers[key]] = counts
    for start, rows in by_start.items():
        _add(table, start, rows)


def _store_days(calls: WaitingCalls, owner_of: Callable[[str], str], numbers: Mapping[SeriesKey, int]) -> None:
    """Who called what: by version at once, by operation when there is enough of it (`sum_days_up`)."""
    versions = {place: numbers[version_series(place)] for place in calls.places if place.product}
    of_day: list[DayCalls] = []
    of_version: Counter[tuple[int, int, str]] = Counter()
    last: dict[tuple[int, int, str], int] = {}
    for found in calls.days(lambda place: numbers[operation_series(place)] if place.product else 0):
        for place, (count, second) in found.places.items():
            key = versions[place], found.start, found.caller.application
            of_version[key] += count
            last[key] = max(second, last.get(key, 0))
        if found.caller.application:
            series = application_series(found.caller, owner_of(found.caller.application))
            of_day.append(
                DayCalls(series_id=numbers[series], start=found.start, calls=found.calls, packed=found.packed)
            )
    DayCalls.objects.bulk_create(of_day, batch_size=_AT_ONCE // 4)
    _add_versions([(*key, count, last[key]) for key, count in sorted(of_version.items())])
    sum_days_up()


def sum_days_up() -> None:
    """Sum the calls of a day and application up by operation, when they are many, in many pieces, or of a past day."""
    newest = DayCalls.objects.aggregate(day=Max("start", default=0))["day"]
    waiting = DayCalls.objects.values("series_id", "start").annotate(all=Sum("calls"), pieces=Count("pk"))
    many = Q(all__gte=_MANY_CALLS) | Q(pieces__gte=_MANY_PIECES) | Q(start__lt=newest)
    for series, start in waiting.filter(many).order_by("start").values_list("series_id", "start")[:_MOST_SUMMED]:
        pieces = DayCalls.objects.filter(series_id=series, start=start)
        operations = day_operations.of_day(
            DayOperations.objects.filter(series_id=series, start=start).values_list("operations", flat=True),
            pieces.values_list("packed", flat=True),
        )
        _write_operations(series, start, operations)
        pieces._raw_delete(DATABASE)  # noqa: SLF001  (nothing refers to them)


def _write_operations(series: int, start: int, operations: day_operations.Operations) -> None:
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_name(DayOperations)} (series_id, start, operations) VALUES (%s, %s, %s) "  # noqa: S608
            "ON CONFLICT (series_id, start) DO UPDATE SET operations = excluded.operations",
            [series, start, day_operations.to_bytes(operations)],
        )


def _add_versions(rows: Sequence[tuple[int, int, str, int, int]]) -> None:
    """Rows of series, start, application, calls and the second of the last of them."""
    table = _name(VersionCalls)
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (series_id, start, application, calls, last) "  # noqa: S608  (names are ours)
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (series_id, start, application) DO UPDATE SET "
            f"calls = {table}.calls + excluded.calls, "
            f"last = CASE WHEN excluded.last > {table}.last THEN excluded.last ELSE {table}.last END",
            rows,
        )


def _add(table: type[PeriodCounts], start: int, rows: dict[int, Counts]) -> None:
    """To what is there, by series: read, add, write."""
    for some in _in_pieces(sorted(rows)):
        for number, counts in _stored(table, start, some):
            counts.add(rows[number])
            rows[number] = counts
        _write(table, start, [(number, rows[number]) for number in some])


def _stored(table: type[PeriodCounts], start: int, series: list[int]) -> Iterator[tuple[int, Counts]]:
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            f"SELECT series_id, {', '.join(COLUMNS)} FROM {_name(table)} "  # noqa: S608  (names are ours)
            f"WHERE start = %s AND series_id IN ({', '.join(['%s'] * len(series))})",
            [start, *series],
        )
        for number, *counted in cursor.fetchall():
            yield number, counts_of(counted)


def counts_of(row: Sequence[Any]) -> Counts:
    """What `COLUMNS` hold."""
    found = Counts()
    add_row(found, row)
    return found


def add_row(counts: Counts, row: Sequence[Any]) -> None:
    """Merge what `COLUMNS` hold into the first."""
    *sums, codes, histogram = row
    other = Counts(*sums)
    other.codes = orjson.loads(codes)
    counts.add(other)
    latency.add_bytes(counts.latency, histogram)


def _write(table: type[PeriodCounts], start: int, rows: Iterable[tuple[int, Counts]]) -> None:
    values = [
        (
            number,
            start,
            it.calls,
            it.refused,
            it.errors,
            it.failed,
            it.duration_ms,
            it.bytes_received,
            it.bytes_sent,
            orjson.dumps(it.codes),
            latency.to_bytes(it.latency),
        )
        for number, it in rows
    ]
    columns = ("series_id", "start", *COLUMNS)
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_name(table)} ({', '.join(columns)}) "  # noqa: S608  (names are ours)
            f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT (series_id, start) DO UPDATE SET "
            + ", ".join(f"{column} = excluded.{column}" for column in COLUMNS),
            values,
        )


def _ids(keys: set[SeriesKey]) -> dict[SeriesKey, int]:
    """Numbers of these series; new ones are made."""
    found = {key: _series_ids[key] for key in keys if key in _series_ids}
    missing = {key.text: key for key in keys if key not in found}
    if missing:
        fresh = _look_up(missing)
        new = [key for text, key in missing.items() if key not in fresh]
        if new:
            _make(new)
            fresh |= _look_up({key.text: key for key in new})
        found |= fresh
        # A transaction that is rolled back takes its new series with it: what is remembered must be there for good.
        transaction.on_commit(lambda: _remember(fresh), using=DATABASE)
    return found


def _look_up(keys: Mapping[str, SeriesKey]) -> dict[SeriesKey, int]:
    found = {}
    for some in _in_pieces(list(keys)):
        rows = Series.objects.filter(key__in=some).values_list("key", "pk")
        found.update({keys[text]: number for text, number in rows})
    return found


def _make(keys: list[SeriesKey]) -> None:
    columns = ("key", *SeriesKey._fields)
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_name(Series)} ({', '.join(columns)}) "  # noqa: S608  (names are ours)
            f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT (key) DO NOTHING",
            [(key.text, *key) for key in keys],
        )


def _remember(ids: dict[SeriesKey, int]) -> None:
    if len(_series_ids) + len(ids) > _MOST_REMEMBERED:
        _series_ids.clear()
    _series_ids.update(ids)


def _name(model: Any) -> str:
    return connections[DATABASE].ops.quote_name(model._meta.db_table)  # noqa: SLF001


def _in_pieces(items: list[Item]) -> Iterator[list[Item]]:
    for begin in range(0, len(items), _AT_ONCE):
        yield items[begin : begin + _AT_ONCE]
