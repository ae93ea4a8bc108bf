"""The answer to an authorization request, RFC 6749 section 4.1.2 and RFC 9207: `iss` in every one."""

from __future__ import annotations

from urllib.parse import urlencode

from propylon.oauth.errors import OAuthError


def code_response(redirect_uri: str, *, code: str, state: str, issuer: str) -> str:
    return _with_query(redirect_uri, {"code": code, "state": state, "iss": issuer})


def error_response(redirect_uri: str, error: OAuthError, *, state: str, issuer: str) -> str:
    members = {"error": error.code, "error_description": error.description, "state": state, "iss": issuer}
    return _with_query(redirect_uri, members)


def _with_query(uri: str, members: dict[str, str]) -> str:
    """Keeps the registered query (RFC 6749, 3.1.2); an absent state stays absent."""
    joint = "&" if "?" in uri else "?"
    return uri + joint + urlencode({name: value for name, value in members.items() if value})
