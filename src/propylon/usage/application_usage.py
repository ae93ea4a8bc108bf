"""An application's calls, counted: how they ended, and by operation."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from propylon.usage import day_operations
from propylon.usage.counts import Counts, Grain, SeriesKind
from propylon.usage.models import DayCalls, DayCounts, DayOperations, Series


@dataclass(frozen=True, slots=True)
class OperationUsage:
    """Calls of one operation; product is empty for calls that met no product."""

    environment: str
    product: str
    version: str
    operation: str
    calls: int
    refused: int
    failed: int  # answered with 5xx, by the upstream or by the gateway
    mean_duration_ms: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of an application. `by_status_class` has keys such as "2xx"; `by_refusal_code` only refused calls."""

    calls: int = 0
    by_status_class: dict[str, int] = field(default_factory=dict)
    by_refusal_code: dict[str, int] = field(default_factory=dict)
    by_operation: tuple[OperationUsage, ...] = ()


def usage_of_application(application: str, *, since: datetime | None = None, until: datetime | None = None) -> Usage:
    """Of whole days (UTC): from the one of `since` to the last that begins before `until`; None means all."""
    environments = dict(
        Series.objects.filter(kind=SeriesKind.APPLICATION, application=application).values_list("pk", "environment")
    )
    days: dict[str, Any] = {"series_id__in": list(environments)}
    if since is not None:
        days["start__gte"] = Grain.DAY.start(int(since.timestamp()))
    if until is not None:
        days["start__lt"] = math.ceil(until.timestamp())
    totals = _totals(days, environments)
    by_status: Counter[str] = Counter()
    by_refusal: Counter[str] = Counter()
    for total in totals.values():
        for code, calls in total.codes.items():
            status, _space, refusal = code.partition(" ")
            by_status[f"{int(status) // 100}xx"] += calls
            if refusal:
                by_refusal[refusal] += calls
    calls = sum(total.calls for total in totals.values())
    return Usage(calls, dict(by_status), dict(by_refusal), tuple(_by_operation(days, totals)))


def _totals(days: dict[str, Any], environments: dict[int, str]) -> dict[str, Counts]:
    """By environment."""
    found = {environment: Counts() for environment in environments.values()}
    rows = DayCounts.objects.filter(**days).values_list("series_id", "duration_ms", "codes")
    for number, duration_ms, codes in rows:
        found[environments[number]].duration_ms += duration_ms
        for code, calls in orjson.loads(bytes(codes)).items():
            found[environments[number]].add_code(code, calls)
    return found


def _by_operation(days: dict[str, Any], totals: dict[str, Counts]) -> list[OperationUsage]:
    """What is not a call of any operation is what is left of the environment's total."""
    summed: day_operations.Operations = {}
    for data in DayOperations.objects.filter(**days).values_list("operations", flat=True).iterator():
        day_operations.add_without_latency(summed, data)
    for packed in DayCalls.objects.filter(**days).values_list("packed", flat=True).iterator():
        day_operations.add(summed, day_operations.sum_up(packed))
    places = Series.objects.in_bulk(list(summed))
    found = []
    for number, counts in summed.items():
        place = places[number]
        found.append(_usage((place.environment, place.product, place.version, place.operation), counts))
        rest = totals[place.environment]
        rest.calls -= counts.calls
        rest.refused -= counts.refused
        rest.failed -= counts.failed
        rest.duration_ms -= counts.duration_ms
    found += [_usage((environment, "", "", ""), rest) for environment, rest in totals.items() if rest.calls]
    return sorted(found, key=lambda row: (row.environment, row.product, row.version, row.operation))


def _usage(place: tuple[str, str, str, str], counts: Counts) -> OperationUsage:
    mean = round(counts.duration_ms / counts.calls)
    return OperationUsage(*place, counts.calls, counts.refused, counts.failed, mean)
