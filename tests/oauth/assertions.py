"""A client that signs JWTs, right ones and any wrong one that a test wants."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from joserfc.jws import JWSRegistry

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def signed(key: Any, claims: dict[str, Any], *, alg: str = "ES256", header: dict[str, Any] | None = None) -> str:
    """Members of header and claims that are None are left out."""
    text = f"{_part({'alg': alg, **(header or {})})}.{_part(claims)}"
    return f"{text}.{_encoded(JWSRegistry.algorithms[alg].sign(text.encode(), key))}"


def assertion(
    key: Any,
    client_id: str,
    *,
    issuer: str,
    now: int,
    alg: str = "ES256",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    usual = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 60,
    }
    return signed(key, {**usual, **claims}, alg=alg, header=header)


def _part(members: dict[str, Any]) -> str:
    return _encoded(json.dumps({name: value for name, value in members.items() if value is not None}).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
