"""Details are of types that the client may use, and as their schemas say (RFC 9396, 5).

That the implicit flow has none is a rule of its own: check_implicit.
"""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_details import check_details, read_details


def check_details_asked(attempt: AuthorizationAttempt) -> None:
    text = attempt.parameters.get("authorization_details")
    if text is None:
        return
    check_details(read_details(text), attempt.client.detail_types, awaits_choice=True)
