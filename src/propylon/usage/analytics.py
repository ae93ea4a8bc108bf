"""Reading what was counted: figures of a period beside those of the one before, a trend, and who called most.

Only rollups are read, never call records, so that the size of the answer, not the number of calls, sets the price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from propylon.usage.counts import Counts, Grain, SeriesKind
from propylon.usage.latency import percentile
from propylon.usage.models import PeriodCounts, Series
from propylon.usage.periods import Period
from propylon.usage.rollups import COLUMNS, TABLES, counts_of

MOST_ROWS = 25
MOST_EXPORTED = 1_000
_NAMES = ("environment", "product", "version", "operation", "organization", "application")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at; empty means all. `kind` is the series that has just these fields.

    Nothing is selected by application and operation at once: see propylon.usage.called_operations.
    """

    environment: str = ""
    product: str = ""
    version: str = ""
    operation: str = ""
    organization: str = ""
    application: str = ""

    @property
    def kind(self) -> SeriesKind:
        if self.application:
            return SeriesKind.APPLICATION
        if self.organization:
            return SeriesKind.ORGANIZATION
        if self.operation:
            return SeriesKind.OPERATION
        return SeriesKind.PRODUCT if self.product else SeriesKind.ENVIRONMENT

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for name in _NAMES if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some calls. Durations in milliseconds, None without calls; shares of one. `codes`: the most frequent first."""

    calls: int
    refused: int
    errors: int
    failed: int
    bytes_received: int
    bytes_sent: int
    mean_ms: int | None
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    codes: tuple[tuple[str, int], ...] = ()

    @property
    def error_share(self) -> float:
        return self.errors / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class TrendPoint:
    at: datetime
    calls: int
    errors: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """One series and its figures; `calls_before` in the period before."""

    environment: str
    product: str
    version: str
    operation: str
    organization: str
    application: str
    figures: Figures
    calls_before: int


@dataclass(frozen=True, slots=True)
class Summary:
    period: Period
    figures: Figures
    before: Figures
    trend: list[TrendPoint] = field(default_factory=list)


def summary(selection: Selection, period: Period) -> Summary:
    kind, wanted = selection.kind, selection.fields
    return Summary(
        period,
        figures_of(_total(_rows(kind, wanted, period, period.grain))),
        figures_of(_total(_rows(kind, wanted, period.before, period.grain))),
        _trend(kind, wanted, period),
    )


def ranking(kind: SeriesKind, selection: Selection, period: Period, *, limit: int = MOST_ROWS) -> list[Ranked]:
    """The series of this kind with most calls first, within what is selected."""
    rows = _rows(kind, selection.fields, period, period.grain)
    order = rows.values("series_id").annotate(total=Sum("calls")).order_by("-total", "series_id")
    numbers = [number for number, _ in order.values_list("series_id", "total")[:limit]]
    now = _by_series(period, numbers)
    earlier = TABLES[period.grain].objects.filter(series_id__in=numbers, **_within(period.before))
    before = dict(earlier.values("series_id").annotate(total=Sum("calls")).values_list("series_id", "total"))
    series = Series.objects.in_bulk(numbers)
    return [_ranked(series[number], now[number], before.get(number, 0)) for number in numbers]


def figures_of(counts: Counts) -> Figures:
    return Figures(
        calls=counts.calls,
        refused=counts.refused,
        errors=counts.errors,
        failed=counts.failed,
        bytes_received=counts.bytes_received,
        bytes_sent=counts.bytes_sent,
        mean_ms=round(counts.duration_ms / counts.calls) if counts.calls else None,
        p50_ms=percentile(counts.latency, 0.5),
        p95_ms=percentile(counts.latency, 0.95),
        p99_ms=percentile(counts.latency, 0.99),
        codes=tuple(sorted(counts.codes.items(), key=lambda code: (-code[1], code[0]))),
    )


def _within(period: Period) -> dict[str, int]:
    return {"start__gte": period.since, "start__lt": period.until}


def _rows(kind: SeriesKind, wanted: dict[str, str], period: Period, grain: Grain) -> QuerySet[PeriodCounts]:
    """The series are few, and the counts lie in their order."""
    series = Series.objects.filter(kind=kind, **wanted).values("pk")
    found: QuerySet[PeriodCounts] = TABLES[grain].objects.filter(series_id__in=series, **_within(period))
    return found


def _total(rows: QuerySet[PeriodCounts]) -> Counts:
    total = Counts()
    for row in rows.values_list(*COLUMNS):
        total.add(counts_of(row))
    return total


def _by_series(period: Period, numbers: Sequence[int]) -> dict[int, Counts]:
    found = {number: Counts() for number in numbers}
    rows = TABLES[period.grain].objects.filter(series_id__in=numbers, **_within(period))
    for number, *row in rows.values_list("series_id", *COLUMNS):
        found[number].add(counts_of(row))
    return found


def _trend(kind: SeriesKind, wanted: dict[str, str], period: Period) -> list[TrendPoint]:
    """Every minute, hour or day that has begun, also those without calls."""
    grain = period.trend_grain
    rows = _rows(kind, wanted, period, grain).values("start").annotate(all=Sum("calls"), bad=Sum("errors"))
    known = {start: (calls, errors) for start, calls, errors in rows.values_list("start", "all", "bad")}
    return [
        TrendPoint(datetime.fromtimestamp(start, UTC), *known.get(start, (0, 0)))
        for start in range(period.since, min(period.until, int(timezone.now().timestamp())), grain.seconds)
    ]


def _ranked(series: Series, counts: Counts, before: int) -> Ranked:
    names: dict[str, Any] = {
        name: getattr(series, name) for name in Ranked.__dataclass_fields__ if hasattr(series, name)
    }
    return Ranked(**names, figures=figures_of(counts), calls_before=before)
