"""The profile `legacy`: what an operator allows one client until a day, though RFC 9700 forbids it (FEATURES O4).

It ends by itself: whoever asks for the client's policy compares the time. The worker only writes that down.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.applications import legacy_mails
from propylon.applications.check_reason import check_required_reason
from propylon.applications.client_policy import legacy_policy_of
from propylon.applications.contracts import today
from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client, ClientStatus
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

LONGEST = timedelta(days=365)
_FIELDS = ("legacy_ends_at", "legacy_reason")


@transaction.atomic
def allow_legacy(*, acting_user: Actor, client: Client, reason: str, last_day: date) -> None:
    """The client may do what its type's row `legacy` says until the end of `last_day` (UTC). Once more: another end.

    Raises `client.legacy.not_for_it` for a client of another profile than `standard`, or of a type without such a row;
    `client.legacy.invalid` with every mistake.
    """
    current = locked(client)
    if legacy_policy_of(current) is None or current.status == ClientStatus.DELETED:
        raise PropylonError(
            "client.legacy.not_for_it",
            "This client cannot be allowed the profile legacy: it is for web, internal and single-page applications of "
            "the profile standard, never for FAPI 2.0. Nothing was changed.",
            kind=Kind.CONFLICT,
        )
    refuse_if(
        "client.legacy.invalid",
        "Correct the fields named in errors and try again. Nothing was changed.",
        [*check_required_reason(reason), *_check_last_day(last_day)],
    )
    current.legacy_ends_at = datetime.combine(last_day + timedelta(days=1), time.min, UTC)
    current.legacy_reason = reason.strip()
    current.save(update_fields=_FIELDS)
    record_client(
        acting_user, "legacy_allowed", current, reason=current.legacy_reason, ends_at=current.legacy_ends_at.isoformat()
    )
    legacy_mails.allowed(current)
    client.refresh_from_db()


@transaction.atomic
def end_legacy(*, acting_user: Actor, client: Client, reason: str) -> None:
    """At once: the next request is decided by the profile `standard`, and every token that the client has is refused.

    Raises `client.legacy.none`, `client.legacy.invalid`.
    """
    current = locked(client)
    if not current.is_legacy:
        raise PropylonError(
            "client.legacy.none",
            "The profile legacy is not allowed to this client, or not any more.",
            kind=Kind.CONFLICT,
        )
    refuse_if(
        "client.legacy.invalid", "Correct the fields named in errors and try again.", check_required_reason(reason)
    )
    _clear(current)
    end_tokens(acting_user=acting_user, client=current, reason="the profile legacy was ended")
    record_client(acting_user, "legacy_ended", current, reason=reason.strip())
    legacy_mails.ended(current, reason.strip())
    client.refresh_from_db()


def note_ended_legacy() -> int:
    """Write down what has ended by itself, and tell the developers; how many."""
    found = Client.objects.filter(legacy_ends_at__lte=timezone.now()).values_list("pk", flat=True)[:200]
    return sum(_note_ended(pk) for pk in list(found))


@transaction.atomic
def _note_ended(pk: int) -> bool:
    current = locked(Client(pk=pk))
    if current.legacy_ends_at is None or current.is_legacy:  # noted or allowed anew meanwhile
        return False
    _clear(current)
    record_client(SYSTEM, "legacy_expired", current)
    if current.status != ClientStatus.DELETED:
        legacy_mails.ended(current, "")
    return True


def _clear(client: Client) -> None:
    client.legacy_ends_at, client.legacy_reason = None, ""
    client.save(update_fields=_FIELDS)


def _check_last_day(last_day: date) -> list[FieldError]:
    if last_day < today():
        return [FieldError("last_day", "body", "is over")]
    if last_day > today() + LONGEST:
        return [FieldError("last_day", "body", f"is more than {LONGEST.days} days away; allow it again later")]
    return []
