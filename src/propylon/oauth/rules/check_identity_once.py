"""Who asks and where the answer goes must not be ambiguous: one client_id, one redirect_uri (RFC 6749, 3.1)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_identity_once(attempt: AuthorizationAttempt) -> None:
    if attempt.repeated & {"client_id", "redirect_uri"}:
        raise invalid_request("client_id or redirect_uri was sent more than once.")
