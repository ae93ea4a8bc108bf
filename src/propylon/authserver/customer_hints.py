"""Which customer a client means (CIBA Core, 7.1), and slowing down who guesses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from propylon.authserver.selectors import public_jwks
from propylon.customers.ask_attempts import may_ask_about, note_unknown_hint
from propylon.customers.models import Customer
from propylon.customers.selectors import customer_named, customer_with
from propylon.oauth.backchannel_request import CheckedBackchannel, not_asked, unknown_user_id
from propylon.oauth.client_keys import LONGEST_JWT
from propylon.oauth.records import ClientRecord


def customer_meant(client: ClientRecord, checked: CheckedBackchannel) -> Customer:
    """Raises `unknown_user_id`, or `access_denied` for who asks too often: whether there is such a customer or not."""
    claims = _id_token(checked.id_token_hint, client) if checked.id_token_hint else None
    hint = str(claims["sub"]) if claims else checked.login_hint or "unreadable"
    if not may_ask_about(client.client_id, hint):
        raise not_asked("too many questions by this client")
    found = (
        customer_with(client.environment, hint) if claims else customer_named(client.environment, checked.login_hint)
    )
    if found is None:
        note_unknown_hint(client.client_id)
        raise unknown_user_id("no ID token of ours for this client" if not claims else "no such customer")
    return found


def _id_token(text: str, client: ClientRecord) -> dict[str, Any] | None:
    """What an ID token of ours for this client says; that it has expired does not matter for a hint."""
    if len(text) > LONGEST_JWT:
        return None
    try:
        decoded = jwt.decode(text, KeySet.import_key_set(public_jwks()), algorithms=["ES256"])  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return None
    claims = decoded.claims
    is_for_client = claims.get("iss") == settings.PROPYLON_ISSUER_URL and claims.get("aud") == client.client_id
    is_id_token = decoded.header.get("typ") == "JWT" and "auth_time" in claims and isinstance(claims.get("sub"), str)
    return dict(claims) if is_for_client and is_id_token else None
