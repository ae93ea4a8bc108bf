"""Under profile fapi2 authorization requests are pushed (RFC 9126; FAPI 2.0, 5.3.2.2)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_pushed(attempt: AuthorizationAttempt) -> None:
    if attempt.client.policy.requires_par and not attempt.is_pushed:
        raise invalid_request("This client must push its requests: see pushed_authorization_request_endpoint.")
