"""Reading marks."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from propylon.gateway.marks import GatewayMark
from propylon.marks.models import Mark


def marks_in_force() -> QuerySet[Mark]:
    """The marks whose tokens could still be alive."""
    return Mark.objects.filter(expires_at__gt=timezone.now())


def live_marks() -> tuple[GatewayMark, ...]:
    """The same as the compiler takes them, in a stable order."""
    found = marks_in_force().order_by("kind", "value").values_list("kind", "value")
    return tuple(GatewayMark(kind, value) for kind, value in found)
