"""The public keys with which a client's signatures are verified (RFC 7517)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from propylon.accounts.checks import refuse_if
from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError
from propylon.oauth.client_keys import read_keys
from propylon.oauth.policy import NONE


@transaction.atomic
def set_public_keys(
    *, acting_user: Actor, client: Client, keys: Sequence[Any], requires_signed_requests: bool = False
) -> None:
    """Exactly these from now on: what an older key signs is refused with the next request.

    `requires_signed_requests`: unsigned authorization requests of the client are refused (RFC 9101).

    Raises `client.public_keys.invalid` with every mistake.
    """
    current = locked(client)
    found, errors = read_keys(list(keys))
    if keys and policy_of(current).auth_methods == (NONE,):
        errors.append(FieldError("keys", "body", "this application type cannot keep a private key"))
    if requires_signed_requests and not keys:
        errors.append(FieldError("requires_signed_requests", "body", "needs a key that verifies the signatures"))
    refuse_if(
        "client.public_keys.invalid", "Correct the fields named in errors and try again. Nothing was changed.", errors
    )
    before = [key.get("kid", "") for key in current.public_keys]
    current.public_keys = [dict(key.jwk) for key in found]
    current.requires_signed_requests = requires_signed_requests
    current.save(update_fields=["public_keys", "requires_signed_requests"])
    record_client(
        acting_user,
        "public_keys_set",
        current,
        before=before,
        after=[key.kid for key in found],
        requires_signed_requests=requires_signed_requests,
    )
    client.public_keys, client.requires_signed_requests = current.public_keys, requires_signed_requests
