"""The public keys with which a client's signatures are verified (RFC 7517): by value, or at an address of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client, FetchedKeys
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError
from propylon.oauth.client_keys import read_keys
from propylon.oauth.key_address import address_problem
from propylon.oauth.policy import NONE


@transaction.atomic
def set_public_keys(
    *,
    acting_user: Actor,
    client: Client,
    keys: Sequence[Any],
    jwks_uri: str = "",
    requires_signed_requests: bool = False,
) -> None:
    """Exactly these from now on: what an older key signs is refused with the next request. With `jwks_uri` the keys are
    those that lie there; they are fetched soon, or when the client first comes.

    `requires_signed_requests`: unsigned authorization requests of the client are refused (RFC 9101).

    Raises `client.public_keys.invalid` with every mistake.
    """
    current = locked(client)
    found, errors = read_keys(list(keys))
    errors += _errors_of_address(jwks_uri, has_keys=bool(keys))
    if (keys or jwks_uri) and policy_of(current).auth_methods == (NONE,):
        errors.append(FieldError("keys", "body", "this application type cannot keep a private key"))
    if requires_signed_requests and not (keys or jwks_uri):
        errors.append(FieldError("requires_signed_requests", "body", "needs a key that verifies the signatures"))
    refuse_if(
        "client.public_keys.invalid", "Correct the fields named in errors and try again. Nothing was changed.", errors
    )
    before = [key.get("kid", "") for key in current.public_keys]
    _keep_fetched(current, jwks_uri)
    current.public_keys = [dict(key.jwk) for key in found]
    current.jwks_uri = jwks_uri
    current.requires_signed_requests = requires_signed_requests
    current.save(update_fields=["public_keys", "jwks_uri", "requires_signed_requests"])
    record_client(
        acting_user,
        "public_keys_set",
        current,
        before=before,
        after=[key.kid for key in found],
        jwks_uri=jwks_uri,
        requires_signed_requests=requires_signed_requests,
    )
    client.public_keys, client.requires_signed_requests = current.public_keys, requires_signed_requests
    client.jwks_uri = jwks_uri


def _errors_of_address(jwks_uri: str, *, has_keys: bool) -> list[FieldError]:
    if not jwks_uri:
        return []
    if has_keys:  # RFC 7591, 2
        return [FieldError("jwks_uri", "body", "leave either this or the keys empty")]
    problem = address_problem(jwks_uri)
    return [FieldError("jwks_uri", "body", problem)] if problem else []


def _keep_fetched(client: Client, jwks_uri: str) -> None:
    """Keys of another address count no longer."""
    if jwks_uri != client.jwks_uri:
        FetchedKeys.objects.filter(client=client).delete()
        if jwks_uri:
            FetchedKeys.objects.create(client=client, ask_at=timezone.now())
