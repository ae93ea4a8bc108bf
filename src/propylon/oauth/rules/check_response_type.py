"""Only the code flow exists (FAPI 2.0, 5.3.2.2; RFC 9700, 2.1.2), answered in the query, signed if asked (JARM)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_response import RESPONSE_MODES
from propylon.oauth.errors import OAuthError, invalid_request


def check_response_type(attempt: AuthorizationAttempt) -> None:
    response_type = attempt.parameters.get("response_type", "")
    if not response_type:
        raise invalid_request("The parameter response_type is missing; it is code.")
    if response_type != "code":
        raise OAuthError("unsupported_response_type", "The only response_type is code.")
    if attempt.parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise invalid_request(f"The response_mode is one of {', '.join(RESPONSE_MODES)}.")
