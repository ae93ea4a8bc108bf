"""The parameters come as a form (RFC 6749, 3.2); as JSON only from a client that an operator allowed `legacy`."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_request


def check_body(attempt: TokenAttempt) -> None:
    if attempt.is_json and not attempt.client.policy.is_legacy:
        raise invalid_request("Send a form body with Content-Type: application/x-www-form-urlencoded.")
