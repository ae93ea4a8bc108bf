"""No parameter is sent more than once (RFC 6749, 3.1)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_each_once(attempt: AuthorizationAttempt) -> None:
    if attempt.repeated:
        names = ", ".join(sorted(attempt.repeated))
        raise invalid_request("A parameter was sent more than once.", detail=f"repeated: {names}")
