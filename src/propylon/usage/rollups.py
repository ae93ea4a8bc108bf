"""Adding up what batches counted: per minute, hour and day, each batch exactly once.

A batch's counts are stored with its records, in one transaction, and deleted in the transaction that adds them to the
rollups. Adding up is done later than storing so that many calls of one series are one write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from django.db import connections, transaction

from propylon.applications.models import Application
from propylon.usage import latency
from propylon.usage.counts import CallKey, Counts, Grain, SeriesKey, roll_up, unpack
from propylon.usage.ingest_connection import DATABASE
from propylon.usage.models import DayCounts, HourCounts, MinuteCounts, PendingCounts, PeriodCounts, Series

TABLES: Final[Mapping[Grain, type[PeriodCounts]]] = {
    Grain.MINUTE: MinuteCounts,
    Grain.HOUR: HourCounts,
    Grain.DAY: DayCounts,
}
MOST_CALLS = 200_000  # at once: what is added up lies in memory
_AT_ONCE = 400  # values of a condition
_MOST_REMEMBERED = 200_000
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
        cells: dict[CallKey, Counts] = {}
        for batch in batches:
            for key, counts in unpack(batch.counted):
                if key in cells:
                    cells[key].add(counts)
                else:
                    cells[key] = counts
        for grain, rows in roll_up(cells, _organizations(key[-1] for key in cells)):
            _store(TABLES[grain], rows)
        PendingCounts.objects.filter(pk__in=[batch.pk for batch in batches]).delete()
    return sum(batch.calls for batch in batches)


def forget_counts_before(grain: Grain, moment: datetime) -> int:
    """Delete this grain's rows that begin before `moment`, some series a transaction; how many rows."""
    deleted = 0
    numbers = list(Series.objects.order_by("pk").values_list("pk", flat=True))
    for some in _in_pieces(numbers):
        old = TABLES[grain].objects.filter(series_id__in=some, start__lt=int(moment.timestamp()))
        deleted += old._raw_delete(DATABASE)  # noqa: SLF001  (nothing refers to them)
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


def _organizations(applications: Iterable[str]) -> Callable[[str], str]:
    """Whose each application is; "" for one that is not known."""
    wanted = sorted({each for each in applications if each})
    known: dict[str, str] = {}
    for some in _in_pieces(wanted):
        rows = Application.objects.filter(public_id__in=some)
        known.update(rows.values_list("public_id", "organization__public_id"))
    return lambda application: known.get(application, "")


def _store(table: type[PeriodCounts], rows: dict[tuple[int, SeriesKey], Counts]) -> None:
    """Add to what is there: read, add, write."""
    ids = _ids({key for _, key in rows})
    by_place = {(ids[key], start): counts for (start, key), counts in rows.items()}
    by_start: dict[int, list[int]] = {}
    for number, start in sorted(by_place):
        by_start.setdefault(start, []).append(number)
    for start, series in by_start.items():
        for some in _in_pieces(series):
            for number, counts in _stored(table, start, some):
                counts.add(by_place[number, start])
                by_place[number, start] = counts
    _write(table, by_place)


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
    *sums, codes, histogram = row
    found = Counts(*sums)
    found.codes, found.latency = orjson.loads(bytes(codes)), latency.from_bytes(bytes(histogram))
    return found


def _write(table: type[PeriodCounts], rows: dict[tuple[int, int], Counts]) -> None:
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
        for (number, start), it in sorted(rows.items(), key=lambda row: row[0])
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
