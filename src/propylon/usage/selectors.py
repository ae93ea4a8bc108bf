"""Reading call records: one by its tracking id, the recent ones of an application, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from django.db import connections, router
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.dateparse import parse_datetime

from propylon.usage.models import CallRecord

MOST_COUNTED = 200_000  # some 20 ms of index


class Outcome(Enum):
    """Calls that went wrong: refused by the gateway, or answered with 4xx or 5xx by the service behind it."""

    REFUSED = "refused"
    ERROR = "error"


_WENT_SO = {Outcome.REFUSED: ~Q(refusal_code=""), Outcome.ERROR: Q(refusal_code="", status__gte=400)}


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What to leave out: `since` is inclusive, `until` exclusive; None means all."""

    since: datetime | None = None
    until: datetime | None = None
    status: int | None = None
    refusal_code: str | None = None
    outcome: Outcome | None = None

    def apply(self, records: QuerySet[CallRecord]) -> QuerySet[CallRecord]:
        conditions = {
            "at__gte": self.since,
            "at__lt": self.until,
            "status": self.status,
            "refusal_code": self.refusal_code,
        }
        found = records.filter(**{name: value for name, value in conditions.items() if value is not None})
        return found.filter(_WENT_SO[self.outcome]) if self.outcome else found


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


@dataclass(frozen=True, slots=True)
class ProgramCalls:
    """API calls of everybody since a moment. `since` is later than asked for when more than MOST_COUNTED are there."""

    since: datetime
    calls: int
    refused: int

    @property
    def refused_share(self) -> float:
        """Of one."""
        return self.refused / self.calls if self.calls else 0.0


def program_calls(since: datetime) -> ProgramCalls:
    """Calls below an environment's path, so no pages and no tokens; counted from an index alone, and never more than
    MOST_COUNTED of it.
    """
    since = _countable_since(since)
    found = CallRecord.objects.filter(at__gte=since).exclude(environment="")
    return ProgramCalls(since, calls=found.count(), refused=found.exclude(refusal_code="").count())


def refused_calls(
    since: datetime, *, refusal_code: str = "", before: tuple[datetime, int] | None = None, limit: int
) -> list[CallRecord]:
    """What the gateway refused to anybody, newest first; looked for in the latest MOST_COUNTED calls at most."""
    records = CallRecord.objects.filter(at__gte=_countable_since(since))
    records = records.filter(refusal_code=refusal_code) if refusal_code else records.exclude(refusal_code="")
    if before is not None:
        at, key = before
        records = records.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=key))
    return list(records.order_by("-at", "-pk")[:limit])


def _countable_since(since: datetime) -> datetime:
    """`since`, or the moment of the call that is MOST_COUNTED calls back, if that is later."""
    newest = CallRecord.objects.filter(at__gte=since).order_by("-at").values_list("at", flat=True)
    return newest[MOST_COUNTED : MOST_COUNTED + 1].first() or since


def last_calls(application_ids: Sequence[str]) -> dict[str, datetime]:
    """When each of these applications called last; those that never did are left out.

    One statement of look-ups in the index (application_id, at): grouping would read every call of each.
    """
    if not application_ids:
        return {}
    one = "SELECT application_id, at FROM usage_callrecord WHERE id = (SELECT id FROM usage_callrecord "
    one += "WHERE application_id = %s ORDER BY at DESC LIMIT 1)"
    with connections[router.db_for_read(CallRecord)].cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(application_ids)), list(application_ids))
        return {application_id: _time(at) for application_id, at in cursor.fetchall()}


def _time(value: datetime | str) -> datetime:
    """SQLite keeps times as text, without their zone."""
    time = parse_datetime(value) if isinstance(value, str) else value
    assert time is not None  # noqa: S101  (what Django wrote, Django can read)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


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
