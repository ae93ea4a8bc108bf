"""Placing and expiring marks. A mark is placed in the transaction of what it belongs to: a deletion, a revocation."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.gateway.marks import MARK_KINDS
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.models import Mark

# No access token lives longer; so a mark of this lifetime outlives every token that it concerns.
LONGEST_TOKEN_LIFETIME = timedelta(hours=1)
_LONGEST_VALUE = 160
_LONGEST_REASON = 80


@transaction.atomic
def place_mark(*, acting_user: Actor, kind: str, value: str, reason: str, lifetime: timedelta) -> None:
    """Refuse everything that carries exactly `value` from now on, for `lifetime` at least.

    A mark that is there already is extended, never shortened. The audit row's commit is what sends it to the gateways.
    Raises `marks.mark.invalid` for an unknown kind or an empty or too long value.
    """
    _check(kind, value, lifetime)
    now = timezone.now()
    expires_at = now + lifetime
    defaults = {"reason": reason[:_LONGEST_REASON], "placed_at": now, "expires_at": expires_at}
    mark, is_new = Mark.objects.get_or_create(kind=kind, value=value, defaults=defaults)
    if not is_new and mark.expires_at < expires_at:
        Mark.objects.filter(pk=mark.pk, expires_at__lt=expires_at).update(expires_at=expires_at)
    record_event(
        acting_user=acting_user,
        action="mark.placed",
        object_kind="mark",
        object_id=f"{kind}:{value}",
        data={"reason": reason[:_LONGEST_REASON], "seconds": int(lifetime.total_seconds())},
    )


@transaction.atomic
def expire_marks(*, acting_user: Actor = SYSTEM) -> int:
    """Delete the marks whose tokens have all expired by themselves; how many."""
    deleted, _ = Mark.objects.filter(expires_at__lte=timezone.now()).delete()
    if deleted:
        record_event(
            acting_user=acting_user,
            action="mark.expired",
            object_kind="mark",
            object_id="",
            data={"marks": deleted},
        )
    return deleted


def _check(kind: str, value: str, lifetime: timedelta) -> None:
    errors = []
    if kind not in MARK_KINDS:
        errors.append(FieldError("kind", "body", f"is one of {', '.join(MARK_KINDS)}"))
    if not value or len(value) > _LONGEST_VALUE or value != value.strip():
        errors.append(FieldError("value", "body", f"has 1 to {_LONGEST_VALUE} characters, no space around it"))
    if lifetime <= timedelta(0):
        errors.append(FieldError("lifetime", "body", "is longer than nothing"))
    if errors:
        raise PropylonError(
            "marks.mark.invalid",
            "This mark would match nothing. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=errors,
        )
