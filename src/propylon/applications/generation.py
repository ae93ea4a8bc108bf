"""Ending every token of a client at once: its generation moves on, and a mark refuses the one before."""

from __future__ import annotations

from propylon.applications.models import Client
from propylon.kernel.actor import Actor
from propylon.kernel.token_claims import client_generation
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME, place_mark


def end_tokens(*, acting_user: Actor, client: Client, reason: str) -> None:
    """Call it in the action's transaction, with the client's row locked or just written by it."""
    place_mark(
        acting_user=acting_user,
        kind="client",
        value=client_generation(client.client_id, client.generation),
        reason=reason,
        lifetime=LONGEST_TOKEN_LIFETIME,
    )
    client.generation += 1
    client.save(update_fields=["generation"])


def locked(client: Client) -> Client:
    """The client as it is now, locked until the transaction ends, so that no two changes count from one generation."""
    return (
        Client.objects.select_for_update(of=("self",))
        .select_related("application__organization", "environment")
        .get(pk=client.pk)
    )
