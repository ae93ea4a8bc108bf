"""A client that says so signs every request (RFC 9101, 10.5); none leads to a request at an address of its choice."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request


def check_request_signed(attempt: AuthorizationAttempt) -> None:
    if attempt.client.requires_signed_requests and not attempt.is_signed:
        raise invalid_request("This client signs its requests: send the parameter request (RFC 9101).")
    if "request_uri" in attempt.parameters:  # RFC 9126, 2.1
        raise invalid_request("request_uri cannot stand in a pushed request.")
