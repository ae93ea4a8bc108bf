"""The event log as the measure of change: every action writes to it in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Max

from propylon.audit.models import Event

Loaded = TypeVar("Loaded")
_ATTEMPTS = 3


def latest_event_id() -> int:
    """Grows with every committed change."""
    return Event.objects.aggregate(latest=Max("id"))["latest"] or 0


def consistently(load: Callable[[], Loaded]) -> Loaded:
    """Load once more if something committed meanwhile, so that no half of a change is seen.

    Under a stream of commits the last attempt counts: each of them has rung the bell for another load.
    """
    before = latest_event_id()
    for _ in range(_ATTEMPTS):
        loaded = load()
        after = latest_event_id()
        if after == before:
            break
        before = after
    return loaded
