"""No request objects (RFC 9101), neither by value nor by an address of the client's choice."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import OAuthError, invalid_request


def check_no_request_object(attempt: AuthorizationAttempt) -> None:
    if "request" in attempt.parameters:
        raise OAuthError("request_not_supported", "Request objects are not supported.")
    if "request_uri" in attempt.parameters:  # RFC 9126, 2.1
        raise invalid_request("request_uri cannot stand in a pushed request.")
