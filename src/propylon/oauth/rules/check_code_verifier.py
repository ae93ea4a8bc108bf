"""PKCE with S256 (RFC 7636, 4.6; RFC 9700, 2.1.1): always, but under `legacy`, and there who began with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant, invalid_request

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_code_verifier(attempt: TokenAttempt) -> None:
    verifier = attempt.form.get("code_verifier", "")
    challenge = attempt.code.code_challenge if attempt.code else ""
    if not challenge and not verifier and not attempt.client.policy.requires_pkce:
        return  # a verifier without a challenge is refused below (RFC 9700, 2.1.1: no downgrade)
    if not _VERIFIER.fullmatch(verifier):
        raise invalid_request("code_verifier is missing, or not 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    if not hmac.compare_digest(s256(verifier), challenge):
        raise invalid_grant("code_verifier does not match the code_challenge")


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
