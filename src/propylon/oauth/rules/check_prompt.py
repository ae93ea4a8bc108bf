"""Every authorization has its own login, so `prompt=none` cannot be met (OpenID Connect Core, 3.1.2.1)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import OAuthError


def check_prompt(attempt: AuthorizationAttempt) -> None:
    if "none" in attempt.parameters.get("prompt", "").split(" "):
        raise OAuthError("login_required", "The customer must log in for every authorization.")
