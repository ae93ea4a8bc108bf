"""The code is known, of this client, unused and not expired (RFC 6749, 4.1.2 and 5.2)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant, invalid_request


def check_code_valid(attempt: TokenAttempt) -> None:
    code = attempt.code
    if "code" not in attempt.form:
        raise invalid_request("The parameter code is missing.")
    if code is None or code.grant.client_id != attempt.client.client_id:
        raise invalid_grant("unknown code" if code is None else "code of another client")
    if code.is_used:  # 4.1.2: deny, and revoke what was issued on it
        raise invalid_grant("code used a second time", ends_grant=True)
    if attempt.now >= code.expires_at:
        raise invalid_grant("code expired")
