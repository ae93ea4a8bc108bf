"""Clients whose tokens are bound to a certificate must show one (RFC 8705, 3; FAPI 2.0, 5.3.2.1)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_client


def check_certificate_shown(attempt: TokenAttempt) -> None:
    if attempt.client.binds_tokens and attempt.certificate is None:
        raise invalid_client("tokens of this client are bound to a certificate, and none was shown")
