"""Placing and expiring marks. A mark is placed in the transaction of what it belongs to: a deletion, a revocation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.gateway.marks import LIFTED_KINDS, MARK_KINDS, GatewayMark
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.models import UNSETTLED, Mark
from propylon.marks.selectors import unknown_mark

# No access token lives longer; so a mark of this lifetime outlives every token that it concerns.
LONGEST_TOKEN_LIFETIME = timedelta(hours=1)
UNTIL_LIFTED = timedelta(days=36_500)  # for kinds that somebody lifts
_LONGEST_VALUE = 160
_LONGEST_REASON = 80


@transaction.atomic
def place_mark(*, acting_user: Actor, kind: str, value: str, reason: str, lifetime: timedelta) -> None:
    """Refuse everything that carries exactly `value` from now on, for `lifetime` at least.

    A mark that is there already is extended, never shortened, and recent again: a settlement made after it had expired
    does not hold it. The audit row's commit is what sends it to the gateways.
    Raises `marks.mark.invalid` for an unknown kind or an empty or too long value.
    """
    _check(kind, value, lifetime)
    now = timezone.now()
    expires_at = now + lifetime
    defaults = {"reason": reason[:_LONGEST_REASON], "placed_at": now, "expires_at": expires_at}
    # Locked: else it could be expired and deleted between the two statements.
    mark, is_new = Mark.objects.select_for_update().get_or_create(kind=kind, value=value, defaults=defaults)
    if not is_new:
        latest = Greatest("expires_at", Value(expires_at, output_field=DateTimeField()))
        Mark.objects.filter(pk=mark.pk).update(expires_at=latest, placed_at=now, settled_in=UNSETTLED)
    record_event(
        acting_user=acting_user,
        action="mark.placed",
        object_kind="mark",
        object_id=f"{kind}:{value}",
        data={"reason": reason[:_LONGEST_REASON], "seconds": int(lifetime.total_seconds())},
    )


@transaction.atomic
def lift_mark(*, acting_user: Actor, kind: str, value: str, reason: str) -> None:
    """Stop refusing: the next delivery to the gateways is without this mark. Only kinds that MARK_KINDS calls lifted.

    Raises `marks.mark.permanent` for the others: a revocation is not taken back, new tokens are issued instead;
    `marks.mark.unknown` when nothing of the kind is in force.
    """
    if kind not in LIFTED_KINDS:
        raise PropylonError(
            "marks.mark.permanent",
            f"A mark of kind {kind!r} is not taken back: what it revoked stays revoked. New tokens are not refused. "
            f"These kinds can be lifted: {', '.join(LIFTED_KINDS)}.",
            kind=Kind.CONFLICT,
        )
    deleted, _ = Mark.objects.filter(kind=kind, value=value, expires_at__gt=timezone.now()).delete()
    if not deleted:
        raise unknown_mark()
    record_event(
        acting_user=acting_user,
        action="mark.lifted",
        object_kind="mark",
        object_id=f"{kind}:{value}",
        data={"reason": reason[:_LONGEST_REASON]},
    )


@transaction.atomic
def settle_marks(*, number: int) -> tuple[GatewayMark, ...]:
    """All live marks that nobody lifts, as the settlement of this number holds them. No deed of somebody: no audit row.

    Settlements are made one after the other, each in the transaction that allots its number.
    """
    live = Mark.objects.filter(expires_at__gt=timezone.now()).exclude(kind__in=LIFTED_KINDS)
    live.filter(settled_in=UNSETTLED).update(settled_in=number)
    # One that is placed between the two statements is unsettled, and may be missing here.
    found = live.filter(settled_in__lte=number).order_by("kind", "value").values_list("kind", "value")
    return tuple(GatewayMark(kind, value) for kind, value in found)


def expire_marks(*, acting_user: Actor = SYSTEM, kinds: Collection[str] = tuple(MARK_KINDS)) -> int:
    """Delete the marks of these kinds that have ended by themselves; how many."""
    ended = Mark.objects.filter(expires_at__lte=timezone.now(), kind__in=kinds)
    if not ended.exists():
        return 0
    with transaction.atomic():
        deleted, _ = ended.delete()
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
