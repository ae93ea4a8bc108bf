"""A client's quota in words: what is used of each limit, how it is counted, and when counting begins again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from propylon.catalog.models import QuotaKind
from propylon.catalog.quotas import Quota
from propylon.usage.quotas import QuotaUse

_NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """`limit` and `left` are None where nothing is limited. `used_width` is of a hundred, for the bar."""

    title: str
    used: int
    limit: int | None
    left: int | None
    share: float  # of one
    used_width: float
    state: str  # "spent", "nearly", "" while there is room, or "free" without a limit
    ends_at: datetime


def quota_rows(uses: list[QuotaUse]) -> list[QuotaRow]:
    titles = {"day": _("Today"), "month": _("This month")}
    return [
        QuotaRow(
            titles[use.period],
            use.used,
            use.limit,
            None if use.limit is None else max(0, use.limit - use.used),
            use.share,
            round(min(1.0, use.share) * 100, 1),
            _state(use),
            use.ends_at,
        )
        for use in uses
    ]


def quota_sentence(quota: Quota) -> str:
    """How it is counted."""
    if quota.kind == QuotaKind.EXACT:
        return _("Calls that reached the service count. Not one more passes when a limit is reached.")
    if quota.kind:
        return _(
            "Calls that reached the service count. When a limit is reached, calls are refused within about a second."
        )
    return _("No limit a day or a month; only the calls a second of the plan. Calls that reached the service:")


def _state(use: QuotaUse) -> str:
    if use.limit is None:
        return "free"
    if use.share >= 1:
        return "spent"
    return "nearly" if use.share >= _NEARLY else ""
