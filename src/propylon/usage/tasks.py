"""Call records, and what was counted of them by minute, hour and day, are kept as long as the settings say."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from propylon.kernel.periodic import Periodic
from propylon.usage.actions import forget_calls_before
from propylon.usage.counts import Grain
from propylon.usage.quota_counts import forget_periods_before
from propylon.usage.quotas import keep_quotas
from propylon.usage.rollups import forget_counts_before
from propylon.usage.service_days import forget_downtime_before, settle_downtime

_log = logging.getLogger(__name__)


def forget_old_calls() -> None:
    """Deletes what is older than the setting says."""
    days = settings.PROPYLON_CALL_RECORD_DAYS
    forgotten = forget_calls_before(timezone.now() - timedelta(days=days))
    if forgotten:
        _log.info("usage.calls.forgotten", extra={"calls": forgotten, "days": days})


def forget_old_counts() -> None:
    """Each grain has a setting of its own."""
    kept = {
        Grain.MINUTE: settings.PROPYLON_MINUTE_COUNTS_DAYS,
        Grain.HOUR: settings.PROPYLON_HOUR_COUNTS_DAYS,
        Grain.DAY: settings.PROPYLON_DAY_COUNTS_DAYS,
        Grain.WEEK: settings.PROPYLON_DAY_COUNTS_DAYS + 7,  # as long as one of its days is kept
    }
    for grain, days in kept.items():
        forgotten = forget_counts_before(grain, timezone.now() - timedelta(days=days))
        if forgotten:
            _log.info("usage.counts.forgotten", extra={"grain": grain.value, "rows": forgotten, "days": days})


def forget_old_quota_counts() -> None:
    forget_periods_before(timezone.now() - timedelta(days=settings.PROPYLON_DAY_COUNTS_DAYS))


def settle_downtime_of_last_days() -> None:
    """Of all days whose minutes are still counted, for what came late."""
    settle_downtime(timezone.now(), days=max(1, settings.PROPYLON_MINUTE_COUNTS_DAYS - 1))
    forget_downtime_before(timezone.now() - timedelta(days=settings.PROPYLON_DAY_COUNTS_DAYS))


PERIODIC = (
    Periodic("usage.forget_old_calls", 3_600, forget_old_calls),
    Periodic("usage.forget_old_counts", 3_600, forget_old_counts),
    Periodic("usage.settle_downtime", 3_600, settle_downtime_of_last_days),
    Periodic("usage.keep_quotas", 2, keep_quotas),
    Periodic("usage.forget_old_quota_counts", 3_600, forget_old_quota_counts),
)
