"""What is bound to a key comes with a proof of that key: codes (RFC 9449, 10), public clients' refresh tokens (5)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant


def check_proof_key(attempt: TokenAttempt) -> None:
    record = attempt.code or attempt.refresh
    if record is None or not record.key:
        return
    if attempt.proof is None or attempt.proof.thumbprint != record.key:
        raise invalid_grant("bound to another DPoP key" if attempt.proof else "bound to a DPoP key, and no proof came")
