"""The customer's grant has neither ended nor been withdrawn, and the client may still get grants in that way."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant
from propylon.oauth.policy import LEGACY_GRANTS


def check_grant_alive(attempt: TokenAttempt) -> None:
    record = attempt.record
    if record is None or record.grant.is_revoked or attempt.now >= record.grant.expires_at:
        raise invalid_grant("the grant has ended")
    way = record.grant.made_by
    if way in LEGACY_GRANTS and way not in attempt.client.policy.grants:
        raise invalid_grant(f"the permission for the {way} grant has ended")
