"""Client assertions: private_key_jwt, OpenID Connect Core section 9; RFC 7523; FAPI 2.0, 5.3.2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.oauth.client_keys import ClientKey, NotSigned, unverified_claims, verified_claims

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AHEAD_SECONDS = 10  # of a client's clock (FAPI 2.0, 5.3.2.1-13)
LONGEST_SECONDS = 3600  # as far ahead may its end be: so long it must be remembered
_LONGEST_ID = 256
_TYPES = frozenset({"client-authentication+jwt"})


class AssertionRefused(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """The assertion authenticates nobody. The message is for the log."""


@dataclass(frozen=True, slots=True)
class UsedAssertion:
    """An assertion that holds. It authenticates once: until it ends, its digest must be remembered."""

    digest: bytes
    expires_at: int  # epoch seconds


def named_client(assertion: str) -> str:
    """Whose it claims to be, so that the client's keys can be looked up; "" if it says nothing."""
    try:
        subject = unverified_claims(assertion).get("sub")
    except NotSigned:
        return ""
    return subject if isinstance(subject, str) else ""


def check_assertion(
    assertion: str, *, client_id: str, keys: tuple[ClientKey, ...], issuer: str, now: int
) -> UsedAssertion:
    """Raises `AssertionRefused`."""
    if not keys:
        raise AssertionRefused("the client has no public key registered")
    try:
        claims = verified_claims(assertion, keys, types=_TYPES)
    except NotSigned as reason:
        raise AssertionRefused(str(reason)) from None
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefused("iss and sub are not both the client id")
    if claims.get("aud") != issuer:  # 5.3.2.1-8: the issuer, as a string; no endpoint, no list
        raise AssertionRefused("aud is not the issuer as a string")
    expires_at = _check_times(claims, now)
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID:
        raise AssertionRefused("jti is missing or too long")
    return UsedAssertion(hashlib.sha256(f"assertion.{client_id}.{identifier}".encode()).digest(), expires_at)


def _check_times(claims: Mapping[str, Any], now: int) -> int:
    """When it ends."""
    expires_at = _time(claims, "exp")
    if expires_at is None or not now < expires_at <= now + LONGEST_SECONDS + AHEAD_SECONDS:
        raise AssertionRefused(f"exp is missing, past, or more than {LONGEST_SECONDS} seconds ahead")
    for name in ("iat", "nbf"):
        value = _time(claims, name)
        if value is not None and value > now + AHEAD_SECONDS:
            raise AssertionRefused(f"{name} is in the future")
    return expires_at


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 2**53:
        raise AssertionRefused(f"{name} is not a time in seconds")
    return int(value)
