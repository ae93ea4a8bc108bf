"""Reading what was counted: figures of a period beside those of the one before, a trend, and who called most.

Only rollups are read, never call records, so that the size of the answer, not the number of calls, sets the price.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from propylon.usage.counts import Counts, SeriesKind
from propylon.usage.latency import percentile
from propylon.usage.models import PeriodCounts, Series
from propylon.usage.periods import Period, Piece
from propylon.usage.rollups import COLUMNS, TABLES, add_row

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
        figures_of(_total(kind, wanted, period)),
        figures_of(_total(kind, wanted, period.before)),
        _trend(kind, wanted, period),
    )


def ranking(kind: SeriesKind, selection: Selection, period: Period, *, limit: int = MOST_ROWS) -> list[Ranked]:
    """The series of this kind with most calls first, within what is selected."""
    calls: Counter[int] = Counter()
    for piece in period.pieces:
        calls.update(_calls(_rows(kind, selection.fields, piece)))
    numbers = sorted(calls, key=lambda number: (-calls[number], number))[:limit]
    now = {number: Counts() for number in numbers}
    before: Counter[int] = Counter()
    for piece in period.pieces:
        for number, *row in _of(numbers, piece).values_list("series_id", *COLUMNS).iterator():
            add_row(now[number], row)
    for piece in period.before.pieces:
        before.update(_calls(_of(numbers, piece)))
    series = Series.objects.in_bulk(numbers)
    return [_ranked(series[number], now[number], before[number]) for number in numbers]


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


def _rows(kind: SeriesKind, wanted: dict[str, str], piece: Piece) -> QuerySet[PeriodCounts]:
    """The series are few, and the counts lie in their order."""
    found = Series.objects.filter(kind=kind, **wanted).exclude(environment="")  # pages and tokens are no API calls
    return _of(list(found.values_list("pk", flat=True)), piece)


def _of(numbers: Sequence[int], piece: Piece) -> QuerySet[PeriodCounts]:
    found: QuerySet[PeriodCounts] = TABLES[piece.grain].objects.filter(
        series_id__in=numbers, start__gte=piece.since, start__lt=piece.until
    )
    return found


def _calls(rows: QuerySet[PeriodCounts]) -> dict[int, int]:
    """By series."""
    return dict(rows.values("series_id").annotate(total=Sum("calls")).values_list("series_id", "total"))


def _total(kind: SeriesKind, wanted: dict[str, str], period: Period) -> Counts:
    total = Counts()
    for piece in period.pieces:
        for row in _rows(kind, wanted, piece).values_list(*COLUMNS).iterator():
            add_row(total, row)
    return total


def _trend(kind: SeriesKind, wanted: dict[str, str], period: Period) -> list[TrendPoint]:
    """Every minute, hour or day that has begun, also those without calls."""
    grain = period.trend_grain
    rows = (
        _rows(kind, wanted, Piece(grain, period.since, period.until))
        .values("start")
        .annotate(all=Sum("calls"), bad=Sum("errors"))
    )
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
