"""The client is active and of a type that sends customers here."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import AUTHORIZATION_CODE


def check_may_authorize(attempt: AuthorizationAttempt) -> None:
    client = attempt.client
    if not client.is_active or AUTHORIZATION_CODE not in client.policy.grants:
        raise OAuthError("unauthorized_client", "This client may not ask customers for consent.")
