"""A trend as bars of an SVG: one bar a minute, hour or day, what went wrong at its foot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from propylon.usage.analytics import TrendPoint

WIDTH, HEIGHT = 720, 120
_GAP = 0.2  # of a bar's place


@dataclass(frozen=True, slots=True)
class Bar:
    """Places and lengths in the units of the drawing, whose y goes down."""

    at: datetime
    calls: int
    errors: int
    x: float
    width: float
    y: float
    height: float
    errors_y: float
    errors_height: float

    @property
    def title(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} UTC: {self.calls}"


def bars(trend: Sequence[TrendPoint]) -> list[Bar]:
    """The most calls of any point reach the top; a point without calls leaves its place empty."""
    most = max((point.calls for point in trend), default=0) or 1
    place = WIDTH / max(1, len(trend))
    found = []
    for number, point in enumerate(trend):
        if not point.calls:
            continue
        height, errors = point.calls / most * HEIGHT, point.errors / most * HEIGHT
        found.append(
            Bar(
                point.at,
                point.calls,
                point.errors,
                round((number + _GAP / 2) * place, 2),
                round(place * (1 - _GAP), 2),
                round(HEIGHT - height, 2),
                round(height, 2),
                round(HEIGHT - errors, 2),
                round(errors, 2),
            )
        )
    return found
