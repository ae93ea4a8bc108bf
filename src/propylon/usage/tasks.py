"""Call records are kept for PROPYLON_CALL_RECORD_DAYS days, then forgotten."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from propylon.kernel.periodic import Periodic
from propylon.usage.actions import forget_calls_before

_log = logging.getLogger(__name__)


def forget_old_calls() -> None:
    """Deletes what is older than the setting says."""
    days = settings.PROPYLON_CALL_RECORD_DAYS
    forgotten = forget_calls_before(timezone.now() - timedelta(days=days))
    if forgotten:
        _log.info("usage.calls.forgotten", extra={"calls": forgotten, "days": days})


PERIODIC = (Periodic("usage.forget_old_calls", 3_600, forget_old_calls),)
