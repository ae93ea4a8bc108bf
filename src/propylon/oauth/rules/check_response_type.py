"""The code flow (FAPI 2.0, 5.3.2.2; RFC 9700, 2.1.2), answered in the query, signed if asked (JARM).

The implicit flow only for who was allowed it, and never in the query, which servers log.
"""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_response import default_mode, modes_for
from propylon.oauth.errors import OAuthError, invalid_request


def check_response_type(attempt: AuthorizationAttempt) -> None:
    response_type = attempt.response_type
    if not response_type:
        raise invalid_request("The parameter response_type is missing; it is code.")
    if response_type not in attempt.client.policy.response_types:
        raise OAuthError("unsupported_response_type", "The only response_type is code.")
    modes = modes_for(response_type)
    if attempt.parameters.get("response_mode", default_mode(response_type)) not in modes:
        raise invalid_request(f"The response_mode is one of {', '.join(modes)}.")
