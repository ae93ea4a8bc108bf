"""A scope is required at authorize (FEATURES O6), each known and of a product that the client is subscribed to.

Details may be asked for instead of a scope, or beside it (RFC 9396, 3).
"""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_scope
from propylon.oauth.scopes import OPENID, parse_scope, require_known


def check_scope_asked(attempt: AuthorizationAttempt) -> None:
    text = attempt.parameters.get("scope", "")
    if not text and "authorization_details" in attempt.parameters:
        return
    if not text:
        raise invalid_scope("The parameter scope is missing: name what you ask the customer for.")
    if len(text) > 1000:
        raise invalid_scope("The scope is longer than 1000 characters.")
    require_known(parse_scope(text), attempt.client.scopes | {OPENID})
