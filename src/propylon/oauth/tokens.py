"""What tokens say: access tokens (RFC 9068; RFC 8705, 3; RFC 9449, 6), ID tokens (OpenID Connect Core, 2)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.kernel.token_claims import client_generation, grant_generation
from propylon.oauth.dpop import Proof
from propylon.oauth.records import BackchannelRecord, ClientRecord, CodeRecord, GrantRecord

ACCESS_TOKEN_TTL = 600  # seconds
CONSOLE_TOKEN_TTL = 300  # tokens that the portal's call console uses itself (decision record 0010)
IMPLICIT_TTL = 300  # tokens that stand in an address of the browser
ID_TOKEN_TTL = 600
CODE_TTL = 60  # FAPI 2.0, 5.3.2.1: at most 60 seconds
REFRESH_TOKEN_TTL = 90 * 86_400
PUSHED_REQUEST_TTL = 120  # FAPI 2.0, 5.3.2.2: less than 600 seconds
BACKCHANNEL_TTL = 300  # how long a customer may take who is asked elsewhere (CIBA, 7.3), if the client says nothing
LONGEST_BACKCHANNEL_TTL = 600
POLL_INTERVAL = 5  # seconds between two questions, and what is added for one that came too early (CIBA, 11)
INTERACTION_TTL = 900  # how long a customer may take for login and consent

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issue:
    """The decision to issue: what the tokens will say. The caller signs, stores and answers."""

    claims: Claims
    id_token_claims: Claims | None
    scope: str
    grant_type: str
    proof: Proof | None = None  # to be remembered, so that nobody uses it again


def access_token_claims(
    client: ClientRecord,
    grant: GrantRecord | None,
    *,
    certificate: PeerCertificate | None,
    scope: str,
    issuer: str,
    jti: str,
    now: int,
    ttl: int = ACCESS_TOKEN_TTL,
) -> Claims:
    """The claims as `propylon.kernel.token_claims` lists them; `sub` is the client itself when there is no grant."""
    claims: Claims = {
        "iss": issuer,
        "sub": grant.subject if grant else client.client_id,
        "aud": client.audience,
        "exp": now + ttl,
        "iat": now,
        "jti": jti,
        "client_id": client.client_id,
        "scope": scope,
        "app": client.application,
        "env": client.environment,
        "org": client.organization,
        "plan": client.plan,
        "scp": f" {scope} ",
        "cgn": client_generation(client.client_id, client.generation),
    }
    if grant:
        claims["gid"] = grant.grant_id
        claims["ggn"] = grant_generation(grant.grant_id, grant.generation)
        _add_sign_in(claims, grant)
    if certificate:
        claims["cnf"] = {"x5t#S256": certificate.x5t_s256}
        claims["x5h"] = certificate.fingerprint
        if roles := client.psd2_roles.get(certificate.fingerprint):
            claims["psd2"] = " ".join(roles)  # nobody else can use them: the certificate comes along with each call
    return claims


def _add_sign_in(claims: Claims, grant: GrantRecord) -> None:
    """RFC 9470, 6.1: how and when, also in tokens that are refreshed later (RFC 9068, 2.2.1)."""
    if grant.sign_in is not None:
        claims["acr"], claims["auth_time"] = grant.sign_in.acr, grant.signed_in_at


def bind_to_key(claims: Claims, thumbprint: str) -> None:
    """The token is of use only with proofs of the key with this thumbprint (RFC 7638)."""
    claims["cnf"] = {**claims.get("cnf", {}), "jkt": thumbprint}


def token_type(claims: Claims) -> str:
    """How the token is presented (RFC 6750; RFC 9449, 5)."""
    return "DPoP" if "jkt" in claims.get("cnf", {}) else "Bearer"


def id_token_claims(code: CodeRecord | BackchannelRecord, *, issuer: str, now: int) -> Claims:
    claims: Claims = {
        "iss": issuer,
        "sub": code.grant.subject,
        "aud": code.grant.client_id,
        "exp": now + ID_TOKEN_TTL,
        "iat": now,
        "auth_time": code.authenticated_at,
    }
    if code.nonce:
        claims["nonce"] = code.nonce
    if sign_in := code.grant.sign_in:
        claims["acr"], claims["amr"] = sign_in.acr, list(sign_in.amr)
    return claims


def at_hash(access_token: str) -> str:
    """Of an ID token beside it: OpenID Connect Core, 3.1.3.6. Half of the hash that ES256 uses."""
    half = hashlib.sha256(access_token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def token_response(issue: Issue, *, access_token: str, refresh_token: str = "", id_token: str = "") -> Claims:
    """The successful answer, RFC 6749 section 5.1."""
    body: Claims = {
        "access_token": access_token,
        "token_type": token_type(issue.claims),
        "expires_in": issue.claims["exp"] - issue.claims["iat"],
        **({"scope": issue.scope} if issue.scope else {}),
    }
    if "authorization_details" in issue.claims:  # RFC 9396, 7
        body["authorization_details"] = issue.claims["authorization_details"]
    if refresh_token:
        body["refresh_token"] = refresh_token
    if id_token:
        body["id_token"] = id_token
    return body
