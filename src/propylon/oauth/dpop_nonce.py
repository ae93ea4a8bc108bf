"""Nonces for DPoP proofs, RFC 9449 sections 8 and 9: made from the time and a key, so that nobody has to store one.

A nonce is the time that it was made in, authenticated: whoever has the key knows a good one, on whichever machine it
was given out. There is a new one each minute; one is good for five minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

STEP_SECONDS = 60
_STEPS = 5  # so many of them are good at a time
_BYTES = 18  # 144 bits: no guess of a coming one is worth the try

USE_NONCE = "use_dpop_nonce"


def nonce_at(key: bytes, now: int) -> str:
    """The newest one at `now`, epoch seconds; 24 characters."""
    return _nonce(key, now // STEP_SECONDS)


def good_nonces(key: bytes, now: int) -> tuple[str, ...]:
    """All that a proof may carry at `now`, the newest first."""
    step = now // STEP_SECONDS
    return tuple(_nonce(key, step - age) for age in range(_STEPS))


def _nonce(key: bytes, step: int) -> str:
    told = hmac.digest(key, f"dpop-nonce.{step}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(told[:_BYTES]).decode()
