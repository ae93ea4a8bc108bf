"""Approving and rejecting a client; its keys are made when it is approved."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.applications import mails
from propylon.applications.actions.regenerations import close_waiting
from propylon.applications.actions.secrets import SECRET_FIELDS, make_secret, wipe_secrets
from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client, ClientStatus
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.oauth.policy import CLIENT_SECRET_BASIC, CLIENT_SECRET_POST

_METHODS_WITH_SECRET = {CLIENT_SECRET_BASIC, CLIENT_SECRET_POST}


@transaction.atomic
def approve_client(*, acting_user: Actor, client: Client, reason: str = "", seen_status: str = "") -> Secret | None:
    """It may ask for tokens from now on; the new secret, if it authenticates with one. `client` is brought up to date.

    `seen_status` is what the person who decides had before them: if somebody else decided meanwhile, nothing is done.
    Raises `client.status.unfit` unless it is pending or rejected, `client.status.changed`.
    """
    current = locked(client)
    _refuse_changed(current, seen_status)
    _refuse_unless(current, ClientStatus.PENDING, ClientStatus.REJECTED)
    secret = make_secret(current) if current.token_endpoint_auth_method in _METHODS_WITH_SECRET else None
    _decide(acting_user, current, ClientStatus.APPROVED, reason)
    client.refresh_from_db()
    return secret


@transaction.atomic
def reject_client(*, acting_user: Actor, client: Client, reason: str, seen_status: str = "") -> None:
    """Refuse a request, or take back an approval: then its tokens are refused at once and its secret is gone.

    Raises `client.status.unfit`, `client.status.changed` (see `approve_client`), and `client.decision.reason_missing`:
    developers read the reason.
    """
    if not reason.strip():
        raise PropylonError(
            "client.decision.reason_missing",
            "Say why, in words that help the developer.",
            kind=Kind.MALFORMED,
            errors=[FieldError("reason", "body", "must not be empty")],
        )
    current = locked(client)
    _refuse_changed(current, seen_status)
    _refuse_unless(current, ClientStatus.PENDING, ClientStatus.APPROVED)
    if current.status == ClientStatus.APPROVED:
        end_tokens(acting_user=acting_user, client=current, reason="client rejected")
    wipe_secrets(current)
    current.save(update_fields=SECRET_FIELDS)
    close_waiting(acting_user, current)
    _decide(acting_user, current, ClientStatus.REJECTED, reason)
    client.refresh_from_db()


def _refuse_changed(client: Client, seen_status: str) -> None:
    if seen_status and client.status != seen_status:
        raise PropylonError(
            "client.status.changed",
            f"Somebody decided this meanwhile: the client is {client.status}, no longer {seen_status}. "
            "Nothing was changed; look at it again.",
            kind=Kind.CONFLICT,
        )


def _refuse_unless(client: Client, *statuses: ClientStatus) -> None:
    if client.status not in statuses:
        raise PropylonError(
            "client.status.unfit", f"The client is {client.status}; this cannot be decided now.", kind=Kind.CONFLICT
        )


def _decide(acting_user: Actor, client: Client, status: ClientStatus, reason: str) -> None:
    client.status = status
    client.decided_at = timezone.now()
    client.decision_reason = reason.strip()[:400]
    client.save(update_fields=["status", "decided_at", "decision_reason"])
    record_client(acting_user, str(status.value), client, reason=client.decision_reason)
    if not client.environment.approves_by_itself or status is ClientStatus.REJECTED:
        mails.client_decided(client)
