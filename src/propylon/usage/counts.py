"""What is counted of calls, and the series that it is counted in. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from propylon.usage.latency import Histogram, add


class Grain(StrEnum):
    """How long the time is that one row counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday on

    @property
    def seconds(self) -> int:
        return _SECONDS[self]

    def start(self, second: int) -> int:
        """The first second (since 1970, UTC) of the minute, hour, day or week that this second lies in."""
        return second - (second - _FIRST_MONDAY) % _SECONDS[self]


_SECONDS = {Grain.MINUTE: 60, Grain.HOUR: 3_600, Grain.DAY: 86_400, Grain.WEEK: 7 * 86_400}
_FIRST_MONDAY = 4 * 86_400  # 1970 began on a Thursday


class SeriesKind(StrEnum):
    """Which of a series' fields are filled; it counts over all values of the others."""

    ENVIRONMENT = "environment"
    PRODUCT = "product"  # and version
    OPERATION = "operation"
    ORGANIZATION = "organization"
    APPLICATION = "application"  # and organization


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

    def add_code(self, code: str, calls: int) -> None:
        """So many calls that ended in this way; their durations and sizes are added apart."""
        self.calls += calls
        self.codes[code] = self.codes.get(code, 0) + calls
        status, _space, refusal = code.partition(" ")
        if int(status) >= 400:
            self.errors += calls
            self.failed += calls if int(status) >= 500 else 0
            self.refused += calls if refusal else 0
