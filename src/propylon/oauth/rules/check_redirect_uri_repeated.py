"""The redirect URI is the one that the code was sent to (RFC 6749, 4.1.3)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant, invalid_request


def check_redirect_uri_repeated(attempt: TokenAttempt) -> None:
    given = attempt.form.get("redirect_uri", "")
    if not given:
        raise invalid_request("The parameter redirect_uri is missing: send the one of the authorization request.")
    if attempt.code is None or given != attempt.code.redirect_uri:
        raise invalid_grant("another redirect_uri than in the authorization request")
