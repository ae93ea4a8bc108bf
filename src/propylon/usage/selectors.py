"""Reading call records: one by its tracking id, the recent ones of an application, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from propylon.usage.models import CallRecord


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What to leave out: `since` is inclusive, `until` exclusive; None means all."""

    since: datetime | None = None
    until: datetime | None = None
    status: int | None = None
    refusal_code: str | None = None

    def apply(self, records: QuerySet[CallRecord]) -> QuerySet[CallRecord]:
        conditions = {
            "at__gte": self.since,
            "at__lt": self.until,
            "status": self.status,
            "refusal_code": self.refusal_code,
        }
        return records.filter(**{name: value for name, value in conditions.items() if value is not None})


@dataclass(frozen=True, slots=True)
class OperationUsage:
    """Calls of one operation; product is empty for token requests and calls that met no product."""

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


def call_by_tracking_id(tracking_id: str) -> CallRecord | None:
    return CallRecord.objects.filter(tracking_id=tracking_id).first()


def recent_calls(
    application_id: str, wanted: CallFilter, *, before: tuple[datetime, int] | None, limit: int
) -> list[CallRecord]:
    """Newest first; `before` is (at, pk) of the last record of the page before."""
    records = wanted.apply(CallRecord.objects.filter(application_id=application_id))
    if before is not None:
        at, key = before
        # The first condition is implied by the second, and lets the index (application_id, at) do the work.
        records = records.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=key))
    return list(records.order_by("-at", "-pk")[:limit])


def usage_of_application(application_id: str, wanted: CallFilter) -> Usage:
    """All counts from one grouped query."""
    keys = ("environment", "product", "version", "operation", "status", "refusal_code")
    groups = list(
        wanted.apply(CallRecord.objects.filter(application_id=application_id))
        .values(*keys)
        .annotate(calls=Count("pk"), duration=Sum("duration_ms"))
        .order_by(*keys)
        .values_list(*keys, "calls", "duration")
    )
    by_status: Counter[str] = Counter()
    by_refusal: Counter[str] = Counter()
    for *_operation, status, refusal, calls, _duration in groups:
        by_status[f"{status // 100}xx"] += calls
        if refusal:
            by_refusal[refusal] += calls
    return Usage(sum(by_status.values()), dict(by_status), dict(by_refusal), _by_operation(groups))


def _by_operation(groups: Iterable[tuple[str, str, str, str, int, str, int, int]]) -> tuple[OperationUsage, ...]:
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for environment, product, version, operation, status, refusal, calls, duration in groups:
        counts = sums.setdefault((environment, product, version, operation), [0, 0, 0, 0])
        counts[0] += calls
        counts[1] += calls if refusal else 0
        counts[2] += calls if status >= 500 else 0
        counts[3] += duration
    return tuple(
        OperationUsage(*operation, calls, refused, failed, round(duration / calls))
        for operation, (calls, refused, failed, duration) in sums.items()
    )
