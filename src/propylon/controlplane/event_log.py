"""The event log as the measure of change: every action writes to it in its own transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Max

from propylon.audit.bell import SILENT_OBJECTS
from propylon.audit.models import Event

Loaded = TypeVar("Loaded")
_ATTEMPTS = 3


class EventLog:
    """Follows the log. Thousands of tokens a second are events too, but no change: each is looked at once at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = -1
        self._change = -1

    def latest_change(self) -> int:
        """Grows with every committed event that may concern a gateway."""
        with self._lock:
            newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
            if self._seen < 0:
                self._change = newest
            elif newest > self._seen:
                new = Event.objects.filter(id__gt=self._seen, id__lte=newest).exclude(object_kind__in=SILENT_OBJECTS)
                self._change = new.aggregate(change=Max("id"))["change"] or self._change
            self._seen = newest
            return self._change


def consistently(load: Callable[[], Loaded], log: EventLog) -> Loaded:
    """Load once more if something changed meanwhile, so that no half of a change is seen.

    Under a stream of changes the last attempt counts: each of them has rung the bell for another load.
    """
    before = log.latest_change()
    for _ in range(_ATTEMPTS):
        loaded = load()
        after = log.latest_change()
        if after == before:
            break
        before = after
    return loaded
