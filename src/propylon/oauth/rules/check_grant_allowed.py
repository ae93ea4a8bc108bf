"""The grant type is one that the client's type may use under its profile (RFC 6749, 5.2)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import LEGACY_GRANTS


def check_grant_allowed(attempt: TokenAttempt) -> None:
    if attempt.grant_type in attempt.client.policy.grants:
        return
    if attempt.grant_type in LEGACY_GRANTS:  # for who may not use them they do not exist (RFC 9700, 2.4)
        raise OAuthError("unsupported_grant_type", "There is no such grant type here.")
    raise OAuthError("unauthorized_client", "This application type may not use this grant type.")
