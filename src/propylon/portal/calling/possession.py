"""The key that the call console proves to have (RFC 9449), where a token must be bound and no certificate is shown.

It is made when it is first needed, and lives in the memory of one web process, as the console's certificates do.
"""

from __future__ import annotations

import base64
import time
from functools import cache

import orjson
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from propylon.kernel.secret import Secret
from propylon.oauth.dpop import token_hash
from propylon.sealing.entropy import new_public_id

_ALGORITHM = "ES256"


class PossessionKey:
    """A private key that never leaves this object."""

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-256")

    @property
    def thumbprint(self) -> str:
        """As `cnf.jkt` names it (RFC 7638)."""
        return str(self._key.thumbprint())

    def proof(self, *, method: str, url: str, token: Secret) -> str:
        """The value of a DPoP header for one call now."""
        address = url.partition("?")[0]
        header = {"typ": "dpop+jwt", "alg": _ALGORITHM, "jwk": self._key.as_dict(private=False)}
        claims = {
            "jti": new_public_id("proof"),
            "htm": method,
            "htu": address,
            "iat": int(time.time()),
            "ath": token_hash(token.reveal()),
        }
        signed = b".".join((_part(orjson.dumps(header)), _part(orjson.dumps(claims))))
        signature = JWSRegistry.algorithms[_ALGORITHM].sign(signed, self._key)
        return b".".join((signed, _part(signature))).decode()


@cache
def possession_key() -> PossessionKey:
    """This process's."""
    return PossessionKey()


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
