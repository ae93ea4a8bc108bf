"""Metered quotas: from what is counted to the marks that refuse, and back when a day, a month or a limit changes.

A spent quota is a mark of kind "quota_day" or "quota_month" on the client (propylon.gateway.marks). It is placed right
after the records are stored that spent it; a task looks again, and lifts what no longer holds: a limit was raised,
another plan was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from propylon.applications.contracts import quota_in_force, quotas_in_force
from propylon.applications.models import Client
from propylon.catalog.models import QuotaKind
from propylon.catalog.quotas import Quota
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.marks.actions import lift_mark, place_mark
from propylon.marks.selectors import marks_in_force
from propylon.usage.quota_counts import calls_counted, day_of, month_of

_REASON = "the quota is spent"
_KINDS = ("quota_day", "quota_month")


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One limit of a client's quota: `limit` None is unlimited; `ends_at` is when counting begins again."""

    period: str  # "day" or "month"
    used: int
    limit: int | None
    ends_at: datetime

    @property
    def share(self) -> float:
        """Of the limit; 1.0 is spent."""
        if self.limit is None:
            return 0.0
        return self.used / self.limit if self.limit else 1.0


def quota_use(client: Client) -> tuple[Quota, list[QuotaUse]]:
    """The quota in force for the client, and how much of each limit is used; without a quota nothing is limited."""
    now = timezone.now()
    quota = quota_in_force(client)
    counted = calls_counted([client.client_id], [day_of(now), month_of(now)])
    day, month = counted.get((client.client_id, day_of(now)), 0), counted.get((client.client_id, month_of(now)), 0)
    ends = _ends(now)
    return quota, [
        QuotaUse("day", day, quota.calls_per_day, ends["quota_day"]),
        QuotaUse("month", month, quota.calls_per_month, ends["quota_month"]),
    ]


def keep_quotas() -> None:
    """Mark the metered quotas that are spent, and lift the marks of those that are not any more."""
    now = timezone.now()
    quotas = quotas_in_force(QuotaKind.METERED)
    placed = set(marks_in_force().filter(kind__in=_KINDS, reason=_REASON).values_list("kind", "value"))
    if not quotas and not placed:
        return
    spent = _spent(quotas, now)
    ends = _ends(now)
    for kind, client_id in sorted(spent - placed):
        place_mark(acting_user=SYSTEM, kind=kind, value=client_id, reason=_REASON, lifetime=ends[kind] - now)
    for kind, client_id in sorted(placed - spent):
        _lift(kind, client_id)


def _lift(kind: str, client_id: str) -> None:
    try:
        lift_mark(acting_user=SYSTEM, kind=kind, value=client_id, reason="the quota allows calls again")
    except PropylonError as error:
        if error.code != "marks.mark.unknown":  # it ended by itself meanwhile
            raise


def _spent(quotas: dict[str, Quota], now: datetime) -> set[tuple[str, str]]:
    day, month = day_of(now), month_of(now)
    counted = calls_counted(quotas, [day, month])
    spent = set()
    for client_id, quota in quotas.items():
        limits = (("quota_day", day, quota.calls_per_day), ("quota_month", month, quota.calls_per_month))
        for kind, period, limit in limits:
            if limit is not None and counted.get((client_id, period), 0) >= limit:
                spent.add((kind, client_id))
    return spent


def _ends(now: datetime) -> dict[str, datetime]:
    """When the day and the month end, by kind of mark."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return {"quota_day": today + timedelta(days=1), "quota_month": next_month}
