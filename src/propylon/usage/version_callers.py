"""Who still calls a version of a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from propylon.applications.models import Application
from propylon.usage.models import CallRecord
from propylon.usage.selectors import MOST_COUNTED

PERIOD = timedelta(days=30)
MOST_CALLERS = 200


@dataclass(frozen=True, slots=True)
class VersionCaller:
    """`application` is None for calls without a token, and for an application that is unknown by now."""

    application: Application | None
    environment: str
    calls: int
    last_at: datetime


def version_callers(product: str, version: str) -> list[VersionCaller]:
    """Of the last PERIOD, the busiest first, deleted applications too."""
    rows = _counted(product, version, timezone.now() - PERIOD)
    known = Application.objects.select_related("organization").in_bulk(
        {key for key, *_ in rows}, field_name="public_id"
    )
    return [VersionCaller(known.get(key), environment, calls, last_at) for key, environment, calls, last_at in rows]


def _counted(product: str, version: str, since: datetime) -> list[tuple[str, str, int, datetime]]:
    """(application id, environment, calls, last call), within the latest MOST_COUNTED calls of everybody."""
    newest = CallRecord.objects.filter(at__gte=since).order_by("-at").values_list("at", flat=True)
    since = newest[MOST_COUNTED : MOST_COUNTED + 1].first() or since
    found = CallRecord.objects.filter(at__gte=since, product=product, version=version)
    counted = found.values("application_id", "environment").annotate(calls=Count("pk"), last=Max("at"))
    rows = counted.order_by("-calls", "application_id", "environment")
    return list(rows.values_list("application_id", "environment", "calls", "last")[:MOST_CALLERS])
