"""Name and password are those of a customer (RFC 6749, 4.3.2); whoever asks the directory says so."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import wrong_password


def check_customer_known(attempt: TokenAttempt) -> None:
    if attempt.password_grant is None:
        raise wrong_password("unknown name, wrong password, or too many attempts")
