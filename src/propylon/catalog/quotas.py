"""Quotas: how many calls a client may make in a day and in a month, by the calendar in UTC. Pure.

| limit | meaning |
|---|---|
| absent (null) | unlimited |
| 0 | no call at all |
| n | n calls in the period; the next one is refused with 429 until the period ends |

A quota of kind "metered" is counted from call records, and a spent one is a mark at the gateway: never refused below
the limit, above it by at most what flows until the mark is there, about a second. Of kind "exact" not one call passes
above the limit: each call of such a plan asks the node's own check, which leases calls from the control plane.
"""

from __future__ import annotations

from dataclasses import dataclass

from propylon.catalog.models import Plan, QuotaKind, QuotaOutage
from propylon.kernel.errors import FieldError

MOST_CALLS = 10**15


@dataclass(frozen=True, slots=True)
class Quota:
    """`calls_per_day`, `calls_per_month`: None is unlimited. `outage` counts for kind "exact" only."""

    kind: str = QuotaKind.NONE.value
    calls_per_day: int | None = None
    calls_per_month: int | None = None
    outage: str = QuotaOutage.SERVE.value


def quota_of(plan: Plan) -> Quota:
    return Quota(plan.quota_kind, plan.calls_per_day, plan.calls_per_month, plan.quota_outage)


def plan_fields(quota: Quota) -> dict[str, object]:
    """The same as the fields of a Plan."""
    return {
        "quota_kind": quota.kind,
        "calls_per_day": quota.calls_per_day,
        "calls_per_month": quota.calls_per_month,
        "quota_outage": quota.outage,
    }


def quota_mistakes(quota: Quota) -> list[FieldError]:
    mistakes = []
    if quota.kind not in QuotaKind.values:
        mistakes.append(FieldError("quota.kind", "body", "metered, exact, or empty for no quota"))
    if quota.outage not in QuotaOutage.values:
        mistakes.append(FieldError("quota.outage", "body", "serve or refuse"))
    limits = {"quota.calls_per_day": quota.calls_per_day, "quota.calls_per_month": quota.calls_per_month}
    for name, limit in limits.items():
        if limit is not None and not 0 <= limit <= MOST_CALLS:
            mistakes.append(FieldError(name, "body", f"between 0 and {MOST_CALLS}, or null for unlimited"))
    has_limit = any(limit is not None for limit in limits.values())
    if quota.kind and not has_limit:
        mistakes.append(FieldError("quota.kind", "body", "needs a limit per day, per month, or both"))
    if has_limit and not quota.kind:
        mistakes.append(FieldError("quota.kind", "body", "metered or exact, as there is a limit"))
    return mistakes
