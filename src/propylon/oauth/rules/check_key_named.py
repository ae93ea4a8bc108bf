"""A request may name the key that its code will be bound to (RFC 9449, 10); a proof that comes along is of that key."""

from __future__ import annotations

import re

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_dpop_proof, invalid_request

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def check_key_named(attempt: AuthorizationAttempt) -> None:
    named = attempt.parameters.get("dpop_jkt")
    if named is None:
        return
    if not _THUMBPRINT.fullmatch(named):
        raise invalid_request("dpop_jkt is not the base64url SHA-256 thumbprint of a key (RFC 7638): 43 characters.")
    if attempt.proof is not None and attempt.proof.thumbprint != named:
        raise invalid_dpop_proof("its key is not the one that dpop_jkt names")
