"""Signing with ES256, RFC 7515 and RFC 7518 section 3.4. The key is opened once and kept."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from propylon.authserver.selectors import current_signing_key
from propylon.kernel.token_claims import ACCESS_TOKEN_TYPE
from propylon.sealing.installation import sealer

_ALGORITHM = ec.ECDSA(hashes.SHA256())
_KEPT_FOR = 10.0  # seconds; a rotated key is in every JWKS long before it signs
KEY_PURPOSE = "signing-key"
INTROSPECTION_TYPE = "token-introspection+jwt"  # RFC 9701, 5


class Signer:
    """Signs with one key."""

    def __init__(self, kid: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.kid = kid
        self._key = key
        self._headers = {typ: _header(kid, typ) for typ in (ACCESS_TOKEN_TYPE, INTROSPECTION_TYPE, "JWT")}

    def access_token(self, claims: dict[str, Any]) -> str:
        return self._sign(ACCESS_TOKEN_TYPE, claims)

    def id_token(self, claims: dict[str, Any]) -> str:
        return self._sign("JWT", claims)

    def authorization_response(self, claims: dict[str, Any]) -> str:
        return self._sign("JWT", claims)

    def introspection(self, claims: dict[str, Any]) -> str:
        return self._sign(INTROSPECTION_TYPE, claims)

    def _sign(self, typ: str, claims: dict[str, Any]) -> str:
        signed = self._headers[typ] + _base64url(orjson.dumps(claims))
        r, s = decode_dss_signature(self._key.sign(signed, _ALGORITHM))
        return (signed + b"." + _base64url(r.to_bytes(32) + s.to_bytes(32))).decode()


def _header(kid: str, typ: str) -> bytes:
    return _base64url(json.dumps({"alg": "ES256", "typ": typ, "kid": kid}, separators=(",", ":")).encode()) + b"."


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


class SignerCache:
    """The signer of the newest active key."""

    def __init__(self) -> None:
        self._signer: Signer | None = None
        self._loaded_at = 0.0

    def cached(self) -> Signer | None:
        """Without touching the database; None when it is time to look again."""
        return self._signer if time.monotonic() - self._loaded_at < _KEPT_FOR else None

    def load(self) -> Signer:
        """From the database; opens the sealed key only if it is another one."""
        row = current_signing_key()
        if self._signer is None or self._signer.kid != row.kid:
            jwk = json.loads(sealer().unseal(row.private_sealed, purpose=KEY_PURPOSE).reveal())
            private_key = ECKey.import_key(jwk).private_key
            assert isinstance(private_key, ec.EllipticCurvePrivateKey)  # noqa: S101  (we made it)
            self._signer = Signer(row.kid, private_key)
        self._loaded_at = time.monotonic()
        return self._signer

    def get(self) -> Signer:
        return self.cached() or self.load()

    def forget(self) -> None:
        self._loaded_at = 0.0
        self._signer = None


signers = SignerCache()
