"""How many applications call something: whom it concerns when it is stopped or changed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.models import DayCounts

DAYS = 7


def recent_applications(*, product: str = "", environment: str = "", organization: str = "") -> int:
    """Applications that called it today or in the DAYS before (UTC); what is empty counts as any."""
    chosen = {"product": product, "environment": environment, "organization": organization}
    kind = SeriesKind.APPLICATION if organization else SeriesKind.APPLICATION_OPERATION
    since = Grain.DAY.start(int((timezone.now() - timedelta(days=DAYS)).timestamp()))
    found = DayCounts.objects.filter(
        series__kind=kind, start__gte=since, **{f"series__{name}": value for name, value in chosen.items() if value}
    )
    return found.exclude(series__application="").values("series__application").distinct().count()
