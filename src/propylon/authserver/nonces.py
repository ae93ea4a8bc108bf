"""The nonces of this installation's DPoP proofs (RFC 9449, 8): its key, and when an answer gives a new one.

Whether proofs need one is a setting of the environment; all nodes and processes of an installation know the same.
"""

from __future__ import annotations

import time
from functools import lru_cache

from propylon.catalog.models import Environment
from propylon.oauth.dpop import has_nonce
from propylon.oauth.dpop_nonce import USE_NONCE, good_nonces, nonce_at
from propylon.sealing.installation import sealer

NONCE_HEADER = "DPoP-Nonce"
_PURPOSE = "dpop-nonces"


@lru_cache(maxsize=1)
def nonce_key() -> bytes:
    return sealer().derived_key(purpose=_PURPOSE)


def nonces_in(environment: str, now: int) -> tuple[str, ...]:
    """Those of which a proof must carry one there; none if the environment demands none."""
    if not Environment.objects.filter(name=environment, demands_nonces=True).exists():
        return ()
    return good_nonces(nonce_key(), now)


def nonce_to_tell(*, proof: str, error: str) -> str:
    """The newest nonce, for a refusal that asks for it and for whoever uses nonces; "" for all others."""
    return nonce_at(nonce_key(), int(time.time())) if error == USE_NONCE or has_nonce(proof) else ""
