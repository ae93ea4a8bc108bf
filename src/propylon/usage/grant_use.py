"""How the consents of customers are used: when last, how often, from the call records that are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from propylon.usage.models import CallRecord

LATELY = timedelta(days=30)
MOST_COUNTED = 1_000  # calls of one consent


@dataclass(frozen=True, slots=True)
class GrantUse:
    """`calls` of the last 30 days that the bank answered, MOST_COUNTED at most."""

    last_at: datetime | None = None
    calls: int = 0

    @property
    def are_more(self) -> bool:
        return self.calls == MOST_COUNTED


def uses_of_grants(grant_ids: Collection[str]) -> dict[str, GrantUse]:
    return {each: _use(each) for each in grant_ids}


def answered_calls(grant_id: str) -> QuerySet[CallRecord]:
    """The newest first. The empty text stands in the statement itself: else SQLite cannot see that its index for calls
    with a grant has all that is asked for."""
    calls = CallRecord.objects.filter(~Q(grant_id=RawSQL("''", [])), grant_id=grant_id)
    return calls.filter(refusal_code="").order_by("-at")


def _use(grant_id: str) -> GrantUse:
    answered = answered_calls(grant_id)
    last = answered.values_list("at", flat=True).first()
    if last is None:
        return GrantUse()
    lately = answered.filter(at__gt=timezone.now() - LATELY)[:MOST_COUNTED]
    return GrantUse(last, len(lately.values_list("at", flat=True)))
