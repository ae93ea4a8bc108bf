"""Ending the access tokens of a consent that goes on: refresh tokens get new ones, of the next generation."""

from __future__ import annotations

from propylon.audit.actions import record_event
from propylon.authserver.models import Grant
from propylon.kernel.actor import Actor
from propylon.kernel.token_claims import grant_generation
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME, place_mark


def end_tokens_of_grant(*, acting_user: Actor, grant: Grant, reason: str) -> None:
    """Call it in the action's transaction, the grant's row locked. The consent itself ends by actions.end_grant."""
    mark_tokens_of_grant(acting_user=acting_user, grant=grant, reason=reason)
    grant.generation += 1
    grant.save(update_fields=["generation"])
    record_event(
        acting_user=acting_user,
        action="grant.tokens_refused",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=grant.client.application.organization.public_id,
        data={"reason": reason, "client": grant.client.client_id},
    )


def mark_tokens_of_grant(*, acting_user: Actor, grant: Grant, reason: str) -> None:
    """Access tokens of the grant's present generation are refused from now on."""
    place_mark(
        acting_user=acting_user,
        kind="grant",
        value=grant_generation(grant.public_id, grant.generation),
        reason=reason,
        lifetime=LONGEST_TOKEN_LIFETIME,
    )
