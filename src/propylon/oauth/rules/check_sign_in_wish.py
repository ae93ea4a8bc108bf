"""How the customer shall sign in is said in a way that can be followed (OpenID Connect Core, 3.1.2.1 and 5.5.1.1)."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.sign_in_wish import read_sign_in_wish


def check_sign_in_wish(attempt: AuthorizationAttempt) -> None:
    read_sign_in_wish(attempt.parameters)
