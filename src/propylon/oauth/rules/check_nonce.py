"""The nonce is kept for the ID token; 255 characters are enough (FAPI 2.0 asks for 64)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_nonce(attempt: AuthorizationAttempt) -> None:
    if len(attempt.parameters.get("nonce", "")) > 255:
        raise invalid_request("The nonce is longer than 255 characters.")
