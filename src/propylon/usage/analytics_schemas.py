"""What the management API says of analytics."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ninja import Field, Schema

from propylon.usage.analytics import Figures, Ranked, Selection, Summary
from propylon.usage.counts import SeriesKind
from propylon.usage.periods import Period, PeriodName


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


class By(StrEnum):
    """What each row is."""

    PRODUCT = "product"
    OPERATION = "operation"
    ORGANIZATION = "organization"
    APPLICATION = "application"
    ENVIRONMENT = "environment"

    @property
    def kind(self) -> SeriesKind:
        return SeriesKind(self.value)


class AnalyticsQuery(Schema):
    period: PeriodName = Field(PeriodName.WEEK, description="Up to now; it is compared with as long a time before.")
    environment: str = Field("", max_length=40)
    format: Format = Field(Format.JSON, description="csv: only the rows, as a file.")
    limit: int = Field(100, ge=1, le=1_000, description="Rows, those with most calls first.")


class ProgramAnalyticsQuery(AnalyticsQuery):
    by: By = By.PRODUCT
    product: str = Field("", max_length=60)
    version: str = Field("", max_length=20)
    organization: str = Field("", max_length=40)

    @property
    def selection(self) -> Selection:
        return Selection(
            environment=self.environment, product=self.product, version=self.version, organization=self.organization
        )


class FiguresOut(Schema):
    """Durations in milliseconds, null without calls; percentiles within 2 per cent of the exact ones."""

    calls: int
    refused: int = Field(description="By the gateway.")
    errors: int = Field(description="Answered with 4xx or 5xx, by gateway or upstream.")
    failed: int = Field(description="Answered with 5xx, by gateway or upstream.")
    bytes_received: int
    bytes_sent: int
    mean_ms: int | None
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    codes: dict[str, int] = Field(examples=[{"200": 90, "401 gateway.token.expired": 3}])


class RankedOut(Schema):
    environment: str
    product: str
    version: str
    operation: str
    organization: str = Field(description="Its id.")
    application: str = Field(description="Its id.")
    figures: FiguresOut
    calls_before: int = Field(description="In the period before.")


class TrendOut(Schema):
    at: datetime
    calls: int
    errors: int


class AnalyticsOut(Schema):
    """`since` is inclusive, `until` exclusive: the end of the minute, hour or day (UTC) that is not over yet."""

    since: datetime
    until: datetime
    figures: FiguresOut
    before: FiguresOut
    trend: list[TrendOut]
    rows_since: datetime = Field(description="Operations of one application are counted in whole days.")
    rows: list[RankedOut]


def figures_out(figures: Figures) -> FiguresOut:
    known = {name: getattr(figures, name) for name in FiguresOut.model_fields if name != "codes"}
    return FiguresOut(**known, codes=dict(figures.codes))


def analytics_out(found: Summary, rows: list[Ranked], rows_period: Period) -> AnalyticsOut:
    return AnalyticsOut(
        since=found.period.since_at,
        until=found.period.until_at,
        figures=figures_out(found.figures),
        before=figures_out(found.before),
        trend=[TrendOut(at=point.at, calls=point.calls, errors=point.errors) for point in found.trend],
        rows_since=rows_period.since_at,
        rows=[_ranked_out(row) for row in rows],
    )


def _ranked_out(row: Ranked) -> RankedOut:
    names = {name: getattr(row, name) for name in RankedOut.model_fields if name != "figures"}
    return RankedOut(**names, figures=figures_out(row.figures))
