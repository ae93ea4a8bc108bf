"""The periods that analytics are about, each with the one before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from propylon.usage.counts import Grain


class PeriodName(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


# Name: (grain of the figures, how many of it, grain of the trend)
_FORMS = {
    PeriodName.HOUR: (Grain.MINUTE, 60, Grain.MINUTE),
    PeriodName.DAY: (Grain.HOUR, 24, Grain.HOUR),
    PeriodName.WEEK: (Grain.DAY, 7, Grain.HOUR),
    PeriodName.MONTH: (Grain.DAY, 30, Grain.DAY),
    PeriodName.QUARTER: (Grain.DAY, 90, Grain.DAY),
}


class Piece(NamedTuple):
    """From `since` to before `until`, in seconds since 1970, UTC."""

    grain: Grain
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`, in seconds since 1970, UTC; both begin a minute, hour or day of `grain`."""

    name: PeriodName
    grain: Grain
    trend_grain: Grain
    since: int
    until: int

    @property
    def before(self) -> Period:
        """As long, and ends where this one begins."""
        return Period(self.name, self.grain, self.trend_grain, 2 * self.since - self.until, self.since)

    @property
    def pieces(self) -> list[Piece]:
        """Where its figures are read: whole weeks within it from counts per week."""
        first = Grain.WEEK.start(self.since - 1 + Grain.WEEK.seconds)
        last = Grain.WEEK.start(self.until)
        if self.grain is not Grain.DAY or first >= last:
            return [Piece(self.grain, self.since, self.until)]
        parts = (
            Piece(Grain.DAY, self.since, first),
            Piece(Grain.WEEK, first, last),
            Piece(Grain.DAY, last, self.until),
        )
        return [piece for piece in parts if piece.since < piece.until]

    @property
    def days(self) -> Period:
        """The whole days that it touches, for what is counted by day only."""
        until = Grain.DAY.start(self.until - 1) + Grain.DAY.seconds
        return Period(self.name, Grain.DAY, Grain.DAY, Grain.DAY.start(self.since), until)

    @property
    def since_at(self) -> datetime:
        return datetime.fromtimestamp(self.since, UTC)

    @property
    def until_at(self) -> datetime:
        return datetime.fromtimestamp(self.until, UTC)


def period(name: PeriodName, now: datetime) -> Period:
    """Its last minute, hour or day is the one that `now` lies in."""
    grain, count, trend_grain = _FORMS[name]
    until = grain.start(int(now.timestamp())) + grain.seconds
    return Period(name, grain, trend_grain, until - count * grain.seconds, until)
