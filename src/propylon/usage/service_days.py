"""Daily availability and performance of services, as banks publish them by quarter (PSD2; EBA/GL/2018/07, guideline 3).

Downtime is computed every hour from the counts per minute, as long as those are kept, and stored per day; all else
comes from the counts per day. Days are those of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from propylon.catalog.models import Product
from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.downtime import Asked, asked_of, down_seconds
from propylon.usage.models import DayCounts, DayDowntime, MinuteCounts, Series
from propylon.usage.rollups import COLUMNS, counts_of

_DAY = Grain.DAY.seconds


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """One day of one service. `asked` counts calls that reached for it; `mean_ms` is None on a day without calls."""

    day: date
    product: str
    version: str
    seconds: int  # of the day that have passed
    down_seconds: int
    asked: int
    failed: int
    mean_ms: int | None

    @property
    def uptime(self) -> float:
        """Of one."""
        return 1 - self.down_seconds / self.seconds if self.seconds else 1.0

    @property
    def error_rate(self) -> float:
        """Of one."""
        return self.failed / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class Quarter:
    """`number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def named(cls, name: str, otherwise: Quarter) -> Quarter:
        """ "2026-Q4"."""
        year, _dash, number = name.partition("-Q")
        if len(year) == 4 and year.isascii() and year.isdigit() and year > "1999" and number in {"1", "2", "3", "4"}:
            return cls(int(year), int(number))
        return otherwise

    @property
    def name(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def before(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The first day that is not in it any more."""
        return date(self.year + self.number // 4, 3 * self.number % 12 + 1, 1)


def services() -> list[Product]:
    """What has a dedicated interface: the products for licensed third parties that are shown to everybody."""
    return list(Product.objects.filter(is_psd2_only=True, is_visible=True).order_by("title", "name"))


def service_days(product: str, environment: str, quarter: Quarter, now: datetime) -> list[ServiceDay]:
    """Every day of the quarter that has begun and from which on there are calls, newest first, by version."""
    found = []
    series = Series.objects.filter(kind=SeriesKind.PRODUCT, product=product, environment=environment)
    since, until = _second(quarter.first), min(_second(quarter.end), int(now.timestamp()))
    for one in series.order_by("version"):
        within = {"series_id": one.pk, "start__gte": since, "start__lt": until}
        counted = {
            start: counts_of(row) for start, *row in DayCounts.objects.filter(**within).values_list("start", *COLUMNS)
        }
        down = dict(DayDowntime.objects.filter(**within).values_list("start", "seconds"))
        first = DayCounts.objects.filter(series_id=one.pk).order_by("start").values_list("start", flat=True).first()
        for start in range(max(since, first or until), until, _DAY):
            counts = counted.get(start)
            asked = asked_of(counts) if counts else Asked(0, 0)
            mean = round(counts.duration_ms / counts.calls) if counts and counts.calls else None
            seconds = min(_DAY, int(now.timestamp()) - start)
            day = datetime.fromtimestamp(start, UTC).date()
            found.append(
                ServiceDay(day, product, one.version, seconds, down.get(start, 0), asked.calls, asked.failed, mean)
            )
    return sorted(found, key=lambda each: (each.day, each.version), reverse=True)


def settle_downtime(now: datetime, *, days: int = 2) -> None:
    """Compute the downtime of these last days again: records of a node that was cut off may have come late."""
    today = Grain.DAY.start(int(now.timestamp()))
    for number in Series.objects.filter(kind=SeriesKind.PRODUCT).values_list("pk", flat=True):
        for start in range(today - (days - 1) * _DAY, today + 1, _DAY):
            rows = MinuteCounts.objects.filter(series_id=number, start__gte=start, start__lt=start + _DAY)
            minutes = [
                (minute, asked_of(counts_of(row)))
                for minute, *row in rows.order_by("start").values_list("start", *COLUMNS)
            ]
            seconds = down_seconds(minutes)
            if seconds or DayDowntime.objects.filter(series_id=number, start=start).exists():
                DayDowntime.objects.update_or_create(series_id=number, start=start, defaults={"seconds": seconds})


def forget_downtime_before(moment: datetime) -> None:
    DayDowntime.objects.filter(start__lt=int(moment.timestamp())).delete()


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def quarters(now: datetime, *, count: int = 5) -> list[Quarter]:
    """The newest first."""
    found = [Quarter.of(now.date())]
    while len(found) < count:
        found.append(found[-1].before)
    return found
