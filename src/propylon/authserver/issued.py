"""Reading back what was issued: is this token ours, of this client, and still good?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from propylon.authserver.models import Grant, RefreshToken
from propylon.authserver.selectors import client_record, public_jwks
from propylon.kernel.secret import Secret
from propylon.kernel.token_claims import ACCESS_TOKEN_TYPE, grant_generation
from propylon.marks.models import Mark
from propylon.oauth.records import ClientRecord
from propylon.oauth.tokens import token_type
from propylon.sealing.entropy import digest


def find_refresh_token(token: str, client_id: str) -> RefreshToken | None:
    """The stored refresh token, if it is this client's."""
    rows = RefreshToken.objects.select_related("grant__client__application__organization")
    return rows.filter(digest=digest(Secret(token)), grant__client__client_id=client_id).first()


def verified_claims(token: str, client_id: str) -> dict[str, Any] | None:
    """The claims of a genuine, unexpired access token of this client."""
    claims = _genuine_claims(token)
    return claims if claims is not None and claims.get("client_id") == client_id else None


def living_claims(token: str) -> dict[str, Any] | None:
    """The claims of an access token that the gateway would let pass."""
    claims = _genuine_claims(token)
    client = client_record(str(claims["client_id"])) if claims else None
    if claims is None or client is None or not client.is_active or _is_marked(claims, client):
        return None
    return claims


def _genuine_claims(token: str) -> dict[str, Any] | None:
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(public_jwks()), algorithms=["ES256"])  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return None
    claims = decoded.claims
    is_ours = (
        decoded.header.get("typ") == ACCESS_TOKEN_TYPE
        and claims.get("iss") == settings.PROPYLON_ISSUER_URL
        and claims.get("exp", 0) > timezone.now().timestamp()
    )
    return claims if is_ours else None


def introspection(token: str, client: ClientRecord) -> dict[str, Any]:
    """RFC 7662, 2.2; an inactive token gets no more than that word."""
    refresh = find_refresh_token(token, client.client_id)
    if refresh is not None:
        return _refresh_token(refresh) if _is_live(refresh) else {"active": False}
    claims = verified_claims(token, client.client_id)
    if claims is None or _is_marked(claims, client):
        return {"active": False}
    names = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "cnf", "authorization_details")
    return {
        "active": True,
        "token_type": token_type(claims),
        **{name: claims[name] for name in names if name in claims},
    }


def _is_live(refresh: RefreshToken) -> bool:
    now = timezone.now()
    ended = refresh.rotated_at or refresh.revoked_at or refresh.grant.revoked_at
    return ended is None and refresh.expires_at > now and refresh.grant.expires_at > now


def _refresh_token(refresh: RefreshToken) -> dict[str, Any]:
    return {
        "active": True,
        "client_id": refresh.grant.client.client_id,
        **({"scope": refresh.scope} if refresh.scope else {}),
        **({"authorization_details": granted} if (granted := refresh.grant.authorization_details) else {}),
        "sub": refresh.grant.told_subject or refresh.grant.subject,
        "exp": int(refresh.expires_at.timestamp()),
        "iss": settings.PROPYLON_ISSUER_URL,
    }


def _is_marked(claims: dict[str, Any], client: ClientRecord) -> bool:
    """What the gateway would refuse is not active here either."""
    if claims.get("cgn") != f"{client.client_id}.{client.generation}":
        return True
    if Mark.objects.filter(kind="token", value=claims["jti"], expires_at__gt=timezone.now()).exists():
        return True
    if "gid" not in claims:
        return False
    grant = Grant.objects.filter(public_id=claims["gid"], revoked_at=None).first()
    return grant is None or claims.get("ggn") != grant_generation(grant.public_id, grant.generation)
