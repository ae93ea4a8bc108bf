"""Details are of types that the client may use, and as their schemas say (RFC 9396, 5).

They belong to a grant that a code stands for: the implicit flow has none.
"""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_details import check_details, read_details
from propylon.oauth.errors import invalid_request
from propylon.oauth.policy import CODE_TYPES


def check_details_asked(attempt: AuthorizationAttempt) -> None:
    text = attempt.parameters.get("authorization_details")
    if text is None:
        return
    if attempt.response_type not in CODE_TYPES:
        raise invalid_request("authorization_details are asked for with response_type=code.")
    check_details(read_details(text), attempt.client.detail_types, awaits_choice=True)
