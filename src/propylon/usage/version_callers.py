"""Who still calls a version of a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from propylon.applications.models import Application
from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.models import Series, VersionCalls

PERIOD = timedelta(days=30)
MOST_CALLERS = 200


@dataclass(frozen=True, slots=True)
class VersionCaller:
    """`application` is None for calls without a token, and for an application that is unknown by now."""

    application: Application | None
    environment: str
    calls: int
    last_at: datetime  # to the second


def version_callers(product: str, version: str) -> list[VersionCaller]:
    """Of today and the PERIOD before, in whole days (UTC), the busiest first, deleted applications too."""
    places = Series.objects.filter(kind=SeriesKind.PRODUCT, product=product, version=version)
    environments = dict(places.values_list("pk", "environment"))
    since = Grain.DAY.start(int((timezone.now() - PERIOD).timestamp()))
    found = VersionCalls.objects.filter(series_id__in=list(environments), start__gte=since)
    counted = found.values("application", "series_id").annotate(all=Sum("calls"), at=Max("last"))
    rows = list(
        counted.order_by("-all", "application", "series_id").values_list("application", "series_id", "all", "at")[
            :MOST_CALLERS
        ]
    )
    known = Application.objects.select_related("organization").in_bulk(
        {application for application, *_ in rows}, field_name="public_id"
    )
    return [
        VersionCaller(known.get(application), environments[series], calls, datetime.fromtimestamp(last, UTC))
        for application, series, calls, last in rows
    ]
