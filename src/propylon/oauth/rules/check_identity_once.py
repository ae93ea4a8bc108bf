"""Who asks and where the answer goes must not be ambiguous: each is said once (RFC 6749, 3.1)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_identity_once(attempt: AuthorizationAttempt) -> None:
    if attempt.repeated & {"client_id", "redirect_uri", "request"}:
        raise invalid_request("client_id, redirect_uri or request was sent more than once.")
