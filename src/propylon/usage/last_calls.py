"""When an application called last in one environment."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q

from propylon.usage.models import CallRecord

MOST_LOOKED_AT = 20_000  # of the application's newest calls; some 20 ms where none of them was there
_LOOKED_AT_FIRST = 100


def last_call_in(application_id: str, environment: str) -> datetime | None:
    """None if none of its newest MOST_LOOKED_AT calls, wherever they went, was a call of an API there."""
    newest = CallRecord.objects.filter(application_id=application_id).order_by("-at")
    for most in (_LOOKED_AT_FIRST, MOST_LOOKED_AT):
        found: datetime | None = newest[:most].aggregate(at=Max("at", filter=Q(environment=environment)))["at"]
        if found is not None:
            return found
    return None
