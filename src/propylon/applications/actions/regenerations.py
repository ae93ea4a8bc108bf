"""New client secrets on request: asked for with a reason, decided by the operator, kept as history (FEATURES A3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.accounts.models import User
from propylon.applications import mails
from propylon.applications.actions.secrets import no_secret, replace_secret
from propylon.applications.check_reason import check_reason, check_required_reason
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client, Regeneration, RegenerationState
from propylon.applications.overlaps import NO_OVERLAP, USUAL_OVERLAP, check_overlap
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id


@transaction.atomic
def ask_for_regeneration(
    *, acting_user: Actor, client: Client, asked_by: User, reason: str, may_be_known: bool = False
) -> Regeneration:
    """A request that waits for the operator; one at a time. `may_be_known`: somebody else may have the old secret.

    Raises `client.regeneration.reason_unfit`, `client.regeneration.waiting`, `client.secret.none`.
    """
    refuse_if(
        "client.regeneration.reason_unfit",
        "Say in a few words why you need new keys: the operator decides by it.",
        check_required_reason(reason),
    )
    reason = reason.strip()
    current = locked(client)
    if not current.secret_digest:
        raise no_secret()
    if current.regenerations.filter(state=RegenerationState.WAITING).exists():
        raise PropylonError(
            "client.regeneration.waiting",
            "A request for new keys waits for the operator already. Withdraw it to write another.",
            kind=Kind.CONFLICT,
        )
    request = Regeneration.objects.create(
        public_id=new_public_id("reg"),
        client=current,
        reason=reason,
        asked_by=asked_by,
        asked_at=timezone.now(),
        may_be_known=may_be_known,
    )
    told = {"request": request.public_id, "reason": reason, **({"may_be_known": True} if may_be_known else {})}
    record_client(acting_user, "regeneration_requested", current, **told)
    mails.regeneration_asked(request)
    return request


@transaction.atomic
def withdraw_regeneration(*, acting_user: Actor, regeneration: Regeneration) -> None:
    """By those who may ask. Raises `client.regeneration.decided`."""
    current = _waiting(regeneration)
    _close(acting_user, current, RegenerationState.WITHDRAWN)
    record_client(acting_user, "regeneration_withdrawn", current.client, request=current.public_id)
    regeneration.refresh_from_db()


@transaction.atomic
def approve_regeneration(
    *, acting_user: Actor, regeneration: Regeneration, overlap: str = USUAL_OVERLAP, note: str = ""
) -> None:
    """A new secret; the old one works beside it for the overlap, a name of OVERLAPS.

    Raises `client.regeneration.decided`, `client.regeneration.invalid`, and what `replace_secret` raises.
    """
    errors = check_overlap(overlap) + check_reason(note, "note")
    refuse_if("client.regeneration.invalid", "Correct the fields named in errors. Nothing was changed.", errors)
    current = _waiting(regeneration)
    replace_secret(acting_user, current.client, overlap=overlap, reason=current.reason)
    _close(acting_user, current, RegenerationState.APPROVED, note=note.strip(), overlap=overlap)
    mails.secret_replaced(current)
    regeneration.refresh_from_db()


@transaction.atomic
def refuse_regeneration(*, acting_user: Actor, regeneration: Regeneration, note: str) -> None:
    """The keys stay. Raises `client.regeneration.decided`, `client.regeneration.note_unfit`: developers read it."""
    refuse_if(
        "client.regeneration.note_unfit",
        "Say why it is refused, in words that help the developer.",
        check_required_reason(note, "note"),
    )
    note = note.strip()
    current = _waiting(regeneration)
    _close(acting_user, current, RegenerationState.REFUSED, note=note)
    record_client(acting_user, "regeneration_refused", current.client, request=current.public_id, reason=note)
    mails.regeneration_refused(current)
    regeneration.refresh_from_db()


@transaction.atomic
def regenerate_secret(*, acting_user: Actor, client: Client, reason: str, overlap: str = NO_OVERLAP) -> None:
    """The operator's own wish; it answers a request that waits. The developers are told and look the new secret up.

    Raises `client.secret.reason_missing`, `client.regeneration.invalid`, and what `replace_secret` raises.
    """
    refuse_if(
        "client.secret.reason_missing",
        "Say why the secret is replaced; it stays in the application's history.",
        check_required_reason(reason),
    )
    reason = reason.strip()
    refuse_if(
        "client.regeneration.invalid",
        "Correct the fields named in errors. Nothing was changed.",
        check_overlap(overlap),
    )
    current = locked(client)
    replace_secret(acting_user, current, overlap=overlap, reason=reason)
    row = current.regenerations.filter(state=RegenerationState.WAITING).first()
    note = reason if row else ""
    row = row or Regeneration(
        public_id=new_public_id("reg"), client=current, reason=reason, asked_at=timezone.now(), asked_by=None
    )
    row.client = current
    _close(acting_user, row, RegenerationState.APPROVED, note=note, overlap=overlap)
    mails.secret_replaced(row)
    client.refresh_from_db()


def close_waiting(acting_user: Actor, client: Client) -> None:
    """The client loses its keys: nobody needs to decide about new ones. In the action's transaction."""
    row = client.regenerations.filter(state=RegenerationState.WAITING).first()
    if row is not None:
        _close(acting_user, row, RegenerationState.WITHDRAWN)


def _close(
    acting_user: Actor, request: Regeneration, state: RegenerationState, *, note: str = "", overlap: str = ""
) -> None:
    request.state, request.note, request.overlap = state, note, overlap
    request.decided_at = timezone.now()
    request.decided_by = (
        User.objects.filter(public_id=acting_user.identifier).first() if acting_user.kind == "user" else None
    )
    request.save()


def _waiting(regeneration: Regeneration) -> Regeneration:
    """As it is now, its client locked."""
    client = locked(regeneration.client)
    current = Regeneration.objects.select_related("asked_by").get(pk=regeneration.pk)
    current.client = client
    if current.state != RegenerationState.WAITING:
        raise PropylonError(
            "client.regeneration.decided",
            f"This request waits no longer: it is {current.state}. Nothing was changed; look at it again.",
            kind=Kind.CONFLICT,
        )
    return current
