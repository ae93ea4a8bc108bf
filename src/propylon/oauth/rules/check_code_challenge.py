"""Every request for a code carries a PKCE challenge with S256 (RFC 7636, 4.3 and 4.4.1), but under `legacy`."""

from __future__ import annotations

import re

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request
from propylon.oauth.policy import CODE_TYPES

_S256 = re.compile(r"[A-Za-z0-9_-]{43}")


def _is_required(attempt: AuthorizationAttempt) -> bool:
    return attempt.client.policy.requires_pkce and attempt.response_type in CODE_TYPES


def check_code_challenge(attempt: AuthorizationAttempt) -> None:
    challenge = attempt.parameters.get("code_challenge", "")
    if not challenge and "code_challenge_method" not in attempt.parameters and not _is_required(attempt):
        return
    if not challenge:
        raise invalid_request("The parameter code_challenge is missing: PKCE with S256 is required.")
    if attempt.parameters.get("code_challenge_method", "plain") != "S256":
        raise invalid_request("The only code_challenge_method is S256.")
    if not _S256.fullmatch(challenge):
        raise invalid_request("code_challenge is not the base64url SHA-256 of a verifier: 43 characters.")
