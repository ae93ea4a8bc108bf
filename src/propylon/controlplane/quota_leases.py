"""Exact quotas: the calls of a contract, leased to the nodes in blocks. Recorded here before a node uses one.

What is leased counts as used. So the sum of what the nodes let pass never exceeds a contract; what a killed node held
is lost to the client until the period is over. The nodes' side of it: `propylon.dataplane.quota_check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from propylon.applications.contracts import quota_in_force
from propylon.applications.models import Client
from propylon.catalog.models import QuotaKind
from propylon.catalog.quotas import Quota
from propylon.controlplane.models import QuotaCount

_DAYS_KEPT = 100
_SHARE = 64  # of what is left, at most so much goes into one block: the end is reached in small ones


@dataclass(frozen=True, slots=True)
class Lease:
    """`granted` calls on `day` (UTC), which ends in `seconds`; if none, `spent` says which limit: "day" or "month", and
    `limit` how many calls it has."""

    granted: int
    day: str
    seconds: float
    spent: str = ""
    limit: int | None = None


@transaction.atomic
def lease_calls(*, client_id: str, wanted: int, back: int = 0, back_day: str = "", over: int = 0) -> Lease:
    """Lease up to `wanted` calls; take `back` calls that were leased on `back_day`, and count `over` calls that were
    served without a lease."""
    now = timezone.now()
    day = f"{now:%Y-%m-%d}"
    if back:
        _correct(client_id, back_day, -back)
    if over:
        _correct(client_id, day, over)
    granted, spent, limit = wanted, "", None
    quota = _quota(client_id)
    if quota is not None:
        counts = _counts(client_id, day)
        left = {
            "month": _left(quota.calls_per_month, counts[1]),
            "day": _left(quota.calls_per_day, counts[0]),
        }
        granted = block_of(wanted, [rest for rest in left.values() if rest is not None])
        spent = next((period for period, rest in left.items() if rest == 0), "") if not granted else ""
        limit = {"day": quota.calls_per_day, "month": quota.calls_per_month}.get(spent)
        _add(counts, granted)
    return Lease(granted, day, _until_midnight(now), spent, limit)


def forget_days() -> None:
    """Counts of days long past go; those of months stay, as what was used of the contract."""
    oldest = f"{timezone.now() - timedelta(days=_DAYS_KEPT):%Y-%m-%d}"
    QuotaCount.objects.filter(period__regex=r"^.{10}$", period__lt=oldest).delete()


def block_of(wanted: int, left: list[int]) -> int:
    """How many calls one node gets at once. A sixty-fourth of what is left, and at least one, while there is one."""
    least = min(left, default=None)
    return wanted if least is None else min(wanted, least, max(1, least // _SHARE))


def _quota(client_id: str) -> Quota | None:
    """None: there is nothing to count. The client's plan or contract may have changed since its token was issued."""
    rows = Client.objects.select_related("application__organization", "environment", "plan")
    client = rows.filter(client_id=client_id).first()
    if client is None or client.plan.quota_kind != QuotaKind.EXACT:
        return None
    return quota_in_force(client)


def _left(limit: int | None, count: QuotaCount) -> int | None:
    return None if limit is None else max(0, limit - count.calls)


def _counts(client_id: str, day: str) -> tuple[QuotaCount, QuotaCount]:
    """The day's and the month's, locked, always in this order."""
    for period in (day, day[:7]):
        QuotaCount.objects.get_or_create(client_id=client_id, period=period)
    rows = {
        row.period: row
        for row in QuotaCount.objects.select_for_update()
        .filter(client_id=client_id, period__in=(day, day[:7]))
        .order_by("-period")
    }
    return rows[day], rows[day[:7]]


def _correct(client_id: str, day: str, calls: int) -> None:
    if _quota(client_id) is not None:
        _add(_counts(client_id, day), calls)


def _add(counts: tuple[QuotaCount, QuotaCount], calls: int) -> None:
    if not calls:
        return
    for count in counts:
        count.calls = max(0, count.calls + calls)
        count.save(update_fields=["calls"])


def _until_midnight(now: datetime) -> float:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    return (tomorrow - now).total_seconds()
