"""How many applications call something: whom it concerns when it is stopped or changed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.models import DayCounts, VersionCalls

DAYS = 7


def recent_applications(*, product: str = "", environment: str = "", organization: str = "") -> int:
    """Applications that called it today or in the DAYS before (UTC): a product or an organization's, or any."""
    since = Grain.DAY.start(int((timezone.now() - timedelta(days=DAYS)).timestamp()))
    place = {"series__environment": environment} if environment else {}
    if product:
        of_product = VersionCalls.objects.filter(series__product=product, start__gte=since, **place)
        return of_product.exclude(application="").values("application").distinct().count()
    owner = {"series__organization": organization} if organization else {}
    found = DayCounts.objects.filter(series__kind=SeriesKind.APPLICATION, start__gte=since, **place, **owner)
    return found.values("series__application").distinct().count()
