"""The refresh token is known, of this client, and live; a rotated one that comes back ends the grant.

RFC 6749, 6; RFC 9700, 4.14.2: reuse of a rotated token means that two parties hold it.
"""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant, invalid_request


def check_refresh_token_valid(attempt: TokenAttempt) -> None:
    token = attempt.refresh
    if "refresh_token" not in attempt.form:
        raise invalid_request("The parameter refresh_token is missing.")
    if token is None or token.grant.client_id != attempt.client.client_id:
        raise invalid_grant("unknown refresh token" if token is None else "refresh token of another client")
    if token.is_rotated:
        raise invalid_grant("rotated refresh token used again", ends_grant=True)
    if token.is_revoked or attempt.now >= token.expires_at:
        raise invalid_grant("refresh token revoked or expired")
