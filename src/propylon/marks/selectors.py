"""Reading marks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from propylon.gateway.marks import LIFTED_KINDS, GatewayMark
from propylon.kernel.errors import Kind, PropylonError
from propylon.marks.models import UNSETTLED, Mark


def marks_in_force(*, kind: str = "", value: str = "") -> QuerySet[Mark]:
    """The marks whose tokens could still be alive; of one kind, or whose value begins like this."""
    found = Mark.objects.filter(expires_at__gt=timezone.now())
    if kind:
        found = found.filter(kind=kind)
    return found.filter(value__startswith=value.strip()) if value else found


def mark_in_force(kind: str, value: str) -> Mark:
    """Raises `marks.mark.unknown`."""
    found = marks_in_force(kind=kind).filter(value=value).first()
    if found is None:
        raise unknown_mark()
    return found


def unknown_mark() -> PropylonError:
    return PropylonError(
        "marks.mark.unknown", "Nothing of this kind and value is refused at present.", kind=Kind.NOT_FOUND
    )


def marks_by_kind() -> dict[str, int]:
    """How many are in force of each kind."""
    counted = marks_in_force().order_by().values("kind").annotate(count=Count("pk"))
    return {row["kind"]: row["count"] for row in counted}


def live_marks(*, settled_after: int = 0) -> tuple[GatewayMark, ...]:
    """The same as the compiler takes them, in a stable order; only those that this settlement does not hold."""
    found = marks_in_force().filter(settled_in__gt=settled_after).order_by("kind", "value")
    return tuple(GatewayMark(kind, value) for kind, value in found.values_list("kind", "value"))


def oldest_unsettled() -> tuple[int, datetime | None]:
    """How many live marks wait for a settlement, and when the oldest of them was placed."""
    waiting = marks_in_force().filter(settled_in=UNSETTLED).exclude(kind__in=LIFTED_KINDS)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("placed_at"))
    return found["count"], found["oldest"]


def count_settled() -> int:
    """How many live marks some settlement holds."""
    return marks_in_force().filter(settled_in__lt=UNSETTLED).count()
