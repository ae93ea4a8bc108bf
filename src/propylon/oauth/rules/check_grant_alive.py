"""The customer's grant has neither ended nor been withdrawn."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant


def check_grant_alive(attempt: TokenAttempt) -> None:
    record = attempt.code or attempt.refresh
    if record is None or record.grant.is_revoked or attempt.now >= record.grant.expires_at:
        raise invalid_grant("the grant has ended")
