"""The redirect URI is sent and registered, character by character (RFC 9700, 2.1; RFC 8252, 7.3 for the port)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request
from propylon.oauth.redirect_uris import is_registered


def check_redirect_uri(attempt: AuthorizationAttempt) -> None:
    uri = attempt.parameters.get("redirect_uri", "")
    if not uri:
        raise invalid_request("The parameter redirect_uri is missing.")
    if not is_registered(uri, attempt.client.redirect_uris, attempt.client.policy.redirect_rule):
        raise invalid_request("The redirect_uri is not registered for this client, character by character.")
