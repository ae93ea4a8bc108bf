"""Counting what is bounded in a window of time, in the database, so that all web processes count together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.authserver.models import Attempts


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many in a window, which begins with the first."""

    name: str
    most: int
    window: timedelta

    def is_spent(self, whom: str) -> bool:
        row = Attempts.objects.filter(digest=self._digest(whom), window_ends_at__gt=timezone.now()).first()
        return row is not None and row.count >= self.most

    @transaction.atomic
    def count(self, whom: str) -> None:
        now = timezone.now()
        Attempts.objects.filter(digest=self._digest(whom), window_ends_at__lte=now).delete()
        row, _ = Attempts.objects.select_for_update().get_or_create(
            digest=self._digest(whom), defaults={"window_ends_at": now + self.window}
        )
        row.count += 1
        row.save(update_fields=["count"])

    def _digest(self, whom: str) -> str:
        return hashlib.sha256(f"{self.name}\0{whom}".encode()).hexdigest()


def forget_attempts() -> None:
    Attempts.objects.filter(window_ends_at__lte=timezone.now()).delete()
