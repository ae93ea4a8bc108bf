"""Ending the tokens of a client that goes on: whoever else holds one has nothing, the client asks for new ones."""

from __future__ import annotations

from django.db import transaction

from propylon.accounts.checks import refuse_if
from propylon.applications.check_reason import check_required_reason
from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client, ClientStatus
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


@transaction.atomic
def refuse_tokens(*, acting_user: Actor, client: Client, reason: str) -> None:
    """Every access token that the client has is refused at once; those that it gets from now on work.

    Raises `client.tokens.reason_missing`, `client.tokens.client_not_approved`.
    """
    refuse_if(
        "client.tokens.reason_missing",
        "Say why the tokens are refused; it stays in the application's history.",
        check_required_reason(reason),
    )
    current = locked(client)
    if current.status != ClientStatus.APPROVED:
        raise PropylonError(
            "client.tokens.client_not_approved",
            f"Only an approved client has tokens; this one is {current.status}. Nothing was changed.",
            kind=Kind.CONFLICT,
        )
    end_tokens(acting_user=acting_user, client=current, reason=reason.strip())
    record_client(acting_user, "tokens_refused", current, reason=reason.strip())
    client.refresh_from_db()
