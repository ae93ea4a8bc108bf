"""Signed requests: RFC 9101; CIBA Core, 7.1.1; for times and audience FAPI 2.0 Message Signing section 5.3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.oauth.client_assertion import UsedAssertion
from propylon.oauth.client_keys import NotSigned, verified_claims
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.records import ClientRecord

OLDEST_SECONDS = LONGEST_SECONDS = 3600  # its nbf at most so long ago, its exp at most so long after it
AHEAD_SECONDS = 10
_TYPES = frozenset({"oauth-authz-req+jwt"})
_OF_THE_JWT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
_OF_THE_CALLER = _OF_THE_JWT | {"client_id"}
_LONGEST_ID = 256


def signed_parameters(text: str, client: ClientRecord, *, issuer: str, now: int) -> Mapping[str, str]:
    """The authorization request inside; what stands beside it counts for nothing (RFC 9101, 6.3).

    Raises `invalid_request_object`.
    """
    claims = _signed(text, client, issuer=issuer, now=now)
    if claims.get("client_id") != client.client_id:
        raise _refused("iss and client_id are not both the client id")
    if not claims.keys().isdisjoint({"request", "request_uri"}):  # RFC 9101, 4
        raise _refused("it holds another request")
    return {name: _text(name, value) for name, value in claims.items() if name not in _OF_THE_JWT}


def _signed(text: str, client: ClientRecord, *, issuer: str, now: int) -> Mapping[str, Any]:
    """The claims of a request that this client signed, for us, not long ago."""
    if not client.keys:
        raise _refused("this client has no public key registered")
    try:
        claims = verified_claims(text, client.keys, types=_TYPES)
    except NotSigned as reason:
        raise _refused(str(reason)) from None
    if claims.get("iss") != client.client_id:
        raise _refused("iss and client_id are not both the client id")
    if "sub" in claims:  # RFC 9101, 10.8: it could be a client assertion
        raise _refused("it has a sub")
    if not _is_for(claims.get("aud"), issuer):
        raise _refused("its aud is not the issuer")
    _check_times(claims, now)
    return claims


@dataclass(frozen=True, slots=True)
class SignedBackchannel:
    """What a signed request of CIBA says. It counts once: until it ends, its digest must be remembered."""

    parameters: Mapping[str, str]
    used: UsedAssertion


def signed_backchannel(text: str, client: ClientRecord, *, issuer: str, now: int) -> SignedBackchannel:
    """CIBA Core, 7.1.1: `aud`, `iss`, `exp`, `iat`, `nbf` and `jti` are all there. Raises `invalid_request`."""
    try:
        claims = _signed(text, client, issuer=issuer, now=now)
        if claims.get("client_id", client.client_id) != client.client_id:
            raise _refused("its client_id is another")
        if _time(claims, "iat") > now + AHEAD_SECONDS:
            raise _refused("its iat is in the future")
        identifier = claims.get("jti")
        if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID:
            raise _refused("its jti is missing or too long")
        members = {name: _text(name, value) for name, value in claims.items() if name not in _OF_THE_CALLER}
    except OAuthError as error:  # section 13 has no other code for it
        raise invalid_request(error.description) from None
    digest = hashlib.sha256(f"backchannel.{client.client_id}.{identifier}".encode()).digest()
    # A parameter without a value counts as omitted, as in a form.
    return SignedBackchannel({k: v for k, v in members.items() if v}, UsedAssertion(digest, _time(claims, "exp")))


def _is_for(audience: object, issuer: str) -> bool:
    return audience == issuer or (isinstance(audience, list) and issuer in audience)


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    begins, ends = _time(claims, "nbf"), _time(claims, "exp")
    if not now - OLDEST_SECONDS <= begins <= now + AHEAD_SECONDS:
        raise _refused("its nbf is more than an hour ago, or in the future")
    if not now < ends <= begins + LONGEST_SECONDS:
        raise _refused("its exp is past, or more than an hour after its nbf")


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 2**53:
        raise _refused(f"it has no {name}, or that is not a time in seconds")
    return int(value)


def _text(name: str, value: object) -> str:
    """As the form would have had it; objects and lists are JSON there, too."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _refused(f"its {name} is neither text nor a whole number")


def _refused(reason: str) -> OAuthError:
    return OAuthError("invalid_request_object", f"The signed request is refused: {reason}.")
