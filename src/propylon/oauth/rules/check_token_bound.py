"""Tokens that must be bound are: to the certificate that was shown (RFC 8705, 3) or to a proven key (RFC 9449, 5)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_client, invalid_dpop_proof


def check_token_bound(attempt: TokenAttempt) -> None:
    if attempt.certificate is not None:
        return
    if attempt.client.binds_tokens:
        raise invalid_client("tokens of this client are bound to a certificate, and none was shown")
    if attempt.client.policy.binds_tokens and attempt.proof is None:  # FAPI 2.0, 5.3.2.1-4
        raise invalid_dpop_proof("tokens of this client are bound to a key or a certificate, and neither came along")
