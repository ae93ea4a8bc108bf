"""A client that makes DPoP proofs, good ones and any bad one that a test wants."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

KEY = ECKey.generate_key("P-256")


def key_for(algorithm: str) -> Any:
    if algorithm.startswith(("PS", "RS")):
        return RSAKey.generate_key(2048, auto_kid=False)
    return OKPKey.generate_key("Ed25519") if algorithm in {"EdDSA", "Ed25519"} else ECKey.generate_key("P-256")


def thumbprint(key: Any = KEY) -> str:
    name: str = key.thumbprint()
    return name


def proof(
    address: str,
    method: str = "GET",
    *,
    now: int,
    token: str = "",
    key: Any = KEY,
    alg: str = "ES256",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """`header` and `claims` replace members of a good proof; None leaves one out."""
    head = {"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False), **(header or {})}
    body = {"jti": str(uuid.uuid4()), "htm": method, "htu": address, "iat": now}
    if token:
        body["ath"] = encoded(hashlib.sha256(token.encode()).digest())
    signed = f"{_part(head)}.{_part({**body, **claims})}"
    return f"{signed}.{encoded(JWSRegistry.algorithms[alg].sign(signed.encode(), key))}"


def _part(members: dict[str, Any]) -> str:
    return encoded(json.dumps({name: value for name, value in members.items() if value is not None}).encode())


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
