"""The grant type is one that the client's type may use under its profile (RFC 6749, 5.2)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import OAuthError


def check_grant_allowed(attempt: TokenAttempt) -> None:
    if attempt.grant_type not in attempt.client.policy.grants:
        raise OAuthError("unauthorized_client", "This application type may not use this grant type.")
