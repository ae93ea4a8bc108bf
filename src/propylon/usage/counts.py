"""What is counted of calls, and the series that it is counted in. Pure: from rows to counts, from minutes to days.

A call is counted first by (minute, environment, product, version, operation, application); everything coarser is the
sum of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from propylon.usage.call_lines import COLUMNS, Row
from propylon.usage.latency import Histogram, add, bucket_of


class Grain(StrEnum):
    """How long the time is that one row counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        return _SECONDS[self]

    def start(self, second: int) -> int:
        """The first second (since 1970, UTC) of the minute, hour or day that this second lies in."""
        return second - second % _SECONDS[self]


_SECONDS = {Grain.MINUTE: 60, Grain.HOUR: 3_600, Grain.DAY: 86_400}


class SeriesKind(StrEnum):
    """Which of a series' fields are filled; it counts over all values of the others."""

    ENVIRONMENT = "environment"
    PRODUCT = "product"  # and version
    OPERATION = "operation"
    ORGANIZATION = "organization"
    APPLICATION = "application"  # and organization
    APPLICATION_OPERATION = "application_operation"


class SeriesKey(NamedTuple):
    """What is counted; all but `kind` may be empty, the environment too: token requests and pages have none."""

    kind: str
    environment: str
    product: str = ""
    version: str = ""
    operation: str = ""
    organization: str = ""
    application: str = ""

    @property
    def text(self) -> str:
        """All of it in one, to be found by."""
        return "\x1f".join(self)


@dataclass(slots=True)
class Counts:
    """Sums over calls. `errors`: answered with 4xx or 5xx; `failed`: with 5xx; `refused`: by the gateway itself.

    `duration_ms` is a sum. `codes` counts by status and refusal code: "200", "401 gateway.token.expired"; the status 0
    is a caller who left.
    """

    calls: int = 0
    refused: int = 0
    errors: int = 0
    failed: int = 0
    duration_ms: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    latency: Histogram = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        self.calls += other.calls
        self.refused += other.refused
        self.errors += other.errors
        self.failed += other.failed
        self.duration_ms += other.duration_ms
        self.bytes_received += other.bytes_received
        self.bytes_sent += other.bytes_sent
        codes = self.codes
        for code, calls in other.codes.items():
            codes[code] = codes.get(code, 0) + calls
        add(self.latency, other.latency)


CallKey = tuple[int, str, str, str, str, str]  # start second, environment, product, version, operation, application
Cells = dict[Any, Counts]  # by a key that begins with the start second

_AT, _STATUS, _REFUSAL, _DURATION, _RECEIVED, _SENT, _ENVIRONMENT, _PRODUCT, _VERSION, _OPERATION, _APPLICATION = (
    COLUMNS.index(name)
    for name in (
        "at",
        "status",
        "refusal_code",
        "duration_ms",
        "bytes_received",
        "bytes_sent",
        "environment",
        "product",
        "version",
        "operation",
        "application_id",
    )
)


def count_rows(rows: Iterable[Row]) -> dict[CallKey, Counts]:
    """The rows of a batch, by minute."""
    cells: dict[CallKey, Counts] = {}
    for row in rows:
        key = (
            _minute(row[_AT][:16]),
            row[_ENVIRONMENT],
            row[_PRODUCT],
            row[_VERSION],
            row[_OPERATION],
            row[_APPLICATION],
        )
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Counts()
        status, refusal, duration = row[_STATUS], row[_REFUSAL], row[_DURATION]
        cell.calls += 1
        cell.duration_ms += duration
        cell.bytes_received += row[_RECEIVED]
        cell.bytes_sent += row[_SENT]
        if status >= 400:
            cell.errors += 1
            cell.failed += status >= 500
            cell.refused += refusal != ""
        code = _code(status, refusal)
        cell.codes[code] = cell.codes.get(code, 0) + 1
        bucket = bucket_of(duration)
        cell.latency[bucket] = cell.latency.get(bucket, 0) + 1
    return cells


@lru_cache(maxsize=1_024)
def _minute(text: str) -> int:
    """The second that "2026-11-22 13:05" begins with."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=1_024)
def _code(status: int, refusal: str) -> str:
    return f"{status} {refusal}".strip()


def pack(cells: dict[CallKey, Counts]) -> bytes:
    """What a batch counted, to be kept until it is rolled up."""
    return orjson.dumps(
        [
            (
                *key,
                it.calls,
                it.refused,
                it.errors,
                it.failed,
                it.duration_ms,
                it.bytes_received,
                it.bytes_sent,
                it.codes,
                list(it.latency.items()),
            )
            for key, it in cells.items()
        ]
    )


def unpack(data: bytes | memoryview) -> Iterator[tuple[CallKey, Counts]]:
    for *key, calls, refused, errors, failed, duration, received, sent, codes, latency in orjson.loads(data):
        counts = Counts(calls, refused, errors, failed, duration, received, sent, codes, dict(latency))
        yield tuple(key), counts


def roll_up(
    cells: dict[CallKey, Counts], organization_of: Callable[[str], str]
) -> Iterator[tuple[Grain, dict[tuple[int, SeriesKey], Counts]]]:
    """From cells of minutes to every grain's rows, by (start second, series).

    Application by operation is counted by day only: by minute or hour there would be nearly as many rows as calls.
    """
    rows = _by_series(cells, organization_of)
    yield Grain.MINUTE, rows
    rows = _coarser(rows, Grain.HOUR)
    yield Grain.HOUR, rows
    yield Grain.DAY, _coarser(rows, Grain.DAY) | _by_application_operation(cells)


def _by_series(cells: Cells, organization_of: Callable[[str], str]) -> dict[tuple[int, SeriesKey], Counts]:
    operations = _sum(cells, lambda key: key[:5])
    products = _sum(operations, lambda key: key[:4])
    environments = _sum(products, lambda key: key[:2])
    applications = _sum(cells, lambda key: (key[0], key[1], key[5]))
    organizations = _sum(applications, lambda key: (key[0], key[1], organization_of(key[2])))
    kind = SeriesKind
    rows: dict[tuple[int, SeriesKey], Counts] = {}
    for (start, environment), counts in environments.items():
        rows[start, SeriesKey(kind.ENVIRONMENT, environment)] = counts
    for (start, *product), counts in products.items():
        if product[1]:
            rows[start, SeriesKey(kind.PRODUCT, *product)] = counts
    for (start, *operation), counts in operations.items():
        if operation[1]:
            rows[start, SeriesKey(kind.OPERATION, *operation)] = counts
    for (start, environment, organization), counts in organizations.items():
        if organization:
            rows[start, SeriesKey(kind.ORGANIZATION, environment, organization=organization)] = counts
    for (start, environment, application), counts in applications.items():
        if application:
            organization = organization_of(application)
            key = SeriesKey(kind.APPLICATION, environment, organization=organization, application=application)
            rows[start, key] = counts
    return rows


def _by_application_operation(cells: Cells) -> dict[tuple[int, SeriesKey], Counts]:
    days: dict[tuple[int, SeriesKey], Counts] = {}
    for (start, *operation, application), counts in cells.items():
        if operation[1] and application:
            environment, product, version, name = operation
            series = SeriesKey(
                SeriesKind.APPLICATION_OPERATION, environment, product, version, name, application=application
            )
            _add_to(days, (Grain.DAY.start(start), series), counts)
    return days


def _coarser(rows: dict[tuple[int, SeriesKey], Counts], grain: Grain) -> dict[tuple[int, SeriesKey], Counts]:
    return _sum(rows, lambda key: (grain.start(key[0]), key[1]))


def _sum(cells: Cells, coarser: Callable[[Any], Any]) -> Cells:
    sums: Cells = {}
    for key, counts in cells.items():
        found = sums.get(into := coarser(key))
        if found is None:
            found = sums[into] = Counts()
        found.add(counts)
    return sums


def _add_to(sums: dict[Any, Counts], key: Any, counts: Counts) -> None:
    """The first of a key is kept as it is: most have one only."""
    if key in sums:
        sums[key].add(counts)
    else:
        sums[key] = counts
