"""Whom the client expects to sign in: `id_token_hint` and `claims.id_token.sub`, OpenID Connect Core 3.1.2.1, 5.5.1."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.pairwise import told_subject
from propylon.authserver.selectors import public_jwks
from propylon.authserver.strength import wish_of
from propylon.oauth.authorization_request import CheckedRequest, SentBack
from propylon.oauth.authorization_response import WayBack
from propylon.oauth.client_keys import LONGEST_JWT
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.records import ClientRecord
from propylon.oauth.sign_in_wish import SignInWish, read_sign_in_wish

_ID_TOKEN_TYPE = "JWT"  # noqa: S105  (the `typ`; other tokens of ours have types of their own)


def hinted_subject(id_token: str, client_id: str) -> str:
    """Whom an ID token of ours for this client is about, also when it has expired. Raises `invalid_request`."""
    claims = _claims_of_hint(id_token)
    if claims["aud"] != client_id:
        raise invalid_request("id_token_hint is no ID token of this issuer for this client.")
    subject: str = claims["sub"]
    return subject


def audience_of_hint(id_token: str) -> str:
    """The client that an ID token of ours was issued to. Raises `invalid_request`."""
    audience: str = _claims_of_hint(id_token)["aud"]
    return audience


def _claims_of_hint(id_token: str) -> dict[str, Any]:
    if len(id_token) > LONGEST_JWT:
        raise invalid_request(f"id_token_hint is longer than {LONGEST_JWT} characters.")
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(public_jwks()), algorithms=["ES256"])  # type: ignore[arg-type]
    except (JoseError, ValueError):
        raise invalid_request("id_token_hint is no ID token of this issuer, or its key is gone.") from None
    claims = token.claims
    is_ours = token.header.get("typ") == _ID_TOKEN_TYPE and claims.get("iss") == settings.PROPYLON_ISSUER_URL
    are_texts = isinstance(claims.get("aud"), str) and isinstance(claims.get("sub"), str)
    if not is_ours or not are_texts or "auth_time" not in claims:
        raise invalid_request("id_token_hint is no ID token of this issuer.")
    return claims


def check_expected_customer(client: ClientRecord, checked: CheckedRequest) -> None:
    """Raises `SentBack` for a hint that is none."""
    try:
        _expected(read_sign_in_wish(checked.sign_in), client.client_id)
    except OAuthError as error:
        back = WayBack(client.client_id, checked.redirect_uri, checked.state, checked.response_mode)
        raise SentBack(error, back) from error


def is_expected(row: AuthorizationRequest, client: ClientRecord) -> bool:
    """Whether the customer who signed in is the one that the client expects, if it said so."""
    return expects(wish_of(row), client, row.subject)


def expects(wish: SignInWish, client: ClientRecord, subject: str) -> bool:
    """Whether the client, which knows customers by what its tokens say, takes this one, or anybody."""
    expected = _expected(wish, client.client_id)
    return not expected or expected == {told_subject(client.client_id, client.environment, subject) or subject}


def _expected(wish: SignInWish, client_id: str) -> set[str]:
    hinted = hinted_subject(wish.id_token_hint, client_id) if wish.id_token_hint else ""
    return {subject for subject in (wish.subject, hinted) if subject}
