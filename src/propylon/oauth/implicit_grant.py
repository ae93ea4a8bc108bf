"""What the implicit flow answers: RFC 6749, 4.2.2; OpenID Connect Core, 3.2.2.5 and 3.2.2.10. Only under `legacy`.

There is no refresh token, no binding, and a short life: the answer stands in an address of the browser.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from propylon.oauth.errors import invalid_scope
from propylon.oauth.granted_details import accounts_for, add_details
from propylon.oauth.records import ClientRecord, CodeRecord
from propylon.oauth.scopes import OPENID
from propylon.oauth.tokens import IMPLICIT_TTL, Claims, access_token_claims, id_token_claims


@dataclass(frozen=True, slots=True)
class ImplicitIssue:
    """`claims` and `id_token_claims` are there if they were asked for. `scope` is what is still subscribed to."""

    claims: Claims | None
    id_token_claims: Claims | None
    scope: str


def lifetime(client: ClientRecord, now: int) -> int:
    """Seconds; never beyond the day until which the flow is allowed."""
    return min(IMPLICIT_TTL, client.legacy_ends_at - now)


def decide_implicit(
    client: ClientRecord, consented: CodeRecord, *, response_type: str, issuer: str, jti: str, now: int
) -> ImplicitIssue:
    """`consented` is what would be the code's record. The customer has said yes, the request passed every rule."""
    left = [name for name in consented.scope.split(" ") if name == OPENID or name in client.scopes]
    if not left:
        raise invalid_scope("No scope of the request is still subscribed to.")
    scope, asked = " ".join(left), response_type.split(" ")
    claims = None
    if "token" in asked:
        claims = access_token_claims(
            client,
            consented.grant,
            certificate=None,
            scope=scope,
            issuer=issuer,
            jti=jti,
            now=now,
            ttl=lifetime(client, now),
        )
        add_details(claims, (), accounts_for(left, (), client.detail_types, consented.grant.accounts))
    id_claims = id_token_claims(consented, issuer=issuer, now=now) if "id_token" in asked else None
    return ImplicitIssue(claims, id_claims, scope)


def at_hash(access_token: str) -> str:
    """What ties the ID token to the access token beside it, for ES256: the left half of the SHA-256."""
    half = hashlib.sha256(access_token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def implicit_members(issue: ImplicitIssue, *, access_token: str, id_token: str) -> dict[str, str]:
    """Of the answer to the client; empty ones are left out there."""
    if issue.claims is None:
        return {"id_token": id_token}
    seconds = issue.claims["exp"] - issue.claims["iat"]
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": str(seconds),
        "scope": issue.scope,
        "id_token": id_token,
    }
