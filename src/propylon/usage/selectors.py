"""Reading call records: the recent ones of an application, the refused ones of everybody, the last ones of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from django.db import connections, router
from django.db.models import Q, QuerySet, Sum
from django.utils.dateparse import parse_datetime

from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.models import CallRecord, MinuteCounts, Series


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
    """API calls of everybody since a moment."""

    since: datetime
    calls: int
    refused: int

    @property
    def refused_share(self) -> float:
        """Of one."""
        return self.refused / self.calls if self.calls else 0.0


def program_calls(since: datetime) -> ProgramCalls:
    """Calls below an environment's path, so no pages and no tokens, from the minute of `since` on; no older than
    counts per minute are kept.
    """
    start = Grain.MINUTE.start(int(since.timestamp()))
    environments = Series.objects.filter(kind=SeriesKind.ENVIRONMENT).exclude(environment="")
    found = MinuteCounts.objects.filter(series_id__in=environments.values("pk"), start__gte=start)
    sums = found.aggregate(calls=Sum("calls", default=0), refused=Sum("refused", default=0))
    return ProgramCalls(datetime.fromtimestamp(start, UTC), sums["calls"], sums["refused"])


def refused_calls(
    since: datetime, *, refusal_code: str = "", before: tuple[datetime, int] | None = None, limit: int
) -> list[CallRecord]:
    """What the gateway refused to anybody, newest first; from an index of such calls only."""
    records = CallRecord.objects.filter(at__gte=since).exclude(refusal_code="")
    if refusal_code:
        records = records.filter(refusal_code=refusal_code)
    if before is not None:
        at, key = before
        records = records.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=key))
    return list(records.order_by("-at", "-pk")[:limit])


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
