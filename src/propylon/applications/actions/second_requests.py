"""Asking again for an environment after a rejection; an operator decides, also where approval comes by itself."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.applications import mails
from propylon.applications.check_reason import check_required_reason
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client, ClientStatus
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


@transaction.atomic
def ask_again(*, acting_user: Actor, client: Client, note: str) -> None:
    """The rejected client waits for a decision again; `note` says what has changed. `client` is brought up to date.

    The last decision and its reason stay with it until there is a new one. Raises `client.request.invalid` with every
    mistake, `client.request.not_rejected`.
    """
    refuse_if(
        "client.request.invalid",
        "Say what has changed since the rejection, for the operator who decides. Nothing was sent.",
        check_required_reason(note, "note"),
    )
    current = locked(client)
    if current.status != ClientStatus.REJECTED:
        raise PropylonError(
            "client.request.not_rejected",
            f"Only a rejected application can ask again; this one is {current.status}.",
            kind=Kind.CONFLICT,
        )
    current.status = ClientStatus.PENDING
    current.requested_at = timezone.now()
    current.requests += 1
    current.request_note = note.strip()
    current.save(update_fields=["status", "requested_at", "requests", "request_note"])
    record_client(acting_user, "requested_again", current, note=current.request_note, requests=current.requests)
    mails.request_waits(current)
    client.refresh_from_db()
