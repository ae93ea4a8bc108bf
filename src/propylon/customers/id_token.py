"""The ID token of the bank's OpenID provider: OpenID Connect Core 1.0, section 3.1.3.7. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from propylon.customers.directory_errors import LoginRefused

_SKEW = 60  # seconds that the clocks may differ
_OLDEST = 600  # seconds since it was made: it was asked for a moment ago
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2


@dataclass(frozen=True, slots=True)
class Expected:
    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]
    now: int


class UnknownKey(Exception):  # noqa: N818  (it is a question, not yet a failure)
    """The token names a key that is not among these: the provider may have new ones."""


def check_id_token(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """Its claims. Raises `LoginRefused`, or `UnknownKey` if newer keys may help."""
    claims = _signed_claims(token, keys, expected.algorithms)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    wrong = {
        "iss is not the provider's": claims.get("iss") != expected.issuer,
        "aud is not ours": expected.client_id not in audiences,
        "azp is missing or not ours": (
            (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != expected.client_id
        ),
        "it has expired": _seconds(claims, "exp") + _SKEW <= expected.now,
        "it was not made just now": not -_SKEW <= expected.now - _seconds(claims, "iat") <= _OLDEST,
        "nonce is not that of this login": not _same(claims.get("nonce"), expected.nonce),
        "sub is missing or too long": not _is_subject(claims.get("sub")),
    }
    reasons = [reason for reason, is_wrong in wrong.items() if is_wrong]
    if reasons:
        raise LoginRefused(f"ID token: {'; '.join(reasons)}.")
    return claims


def _signed_claims(token: str, keys: KeySet, algorithms: Sequence[str]) -> dict[str, Any]:
    try:
        named = jws.extract_compact(token.encode()).headers().get("kid")
        if named is not None and all(key.kid != named for key in keys.keys):
            raise UnknownKey
        return dict(jwt.decode(token, keys, algorithms=list(algorithms)).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise LoginRefused(f"ID token: its signature or form does not hold ({type(error).__name__}).") from error


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e11 else 0


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _is_subject(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_SUBJECT
