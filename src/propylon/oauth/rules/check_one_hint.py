"""Exactly one hint says who is to be asked (CIBA Core, 7.1); no format of a login_hint_token was agreed on here."""

from __future__ import annotations

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import invalid_request

HINTS = ("login_hint", "id_token_hint", "login_hint_token")
_LONGEST_LOGIN_HINT = 40


def check_one_hint(attempt: BackchannelAttempt) -> None:
    given = [name for name in HINTS if name in attempt.parameters]
    if len(given) != 1:
        raise invalid_request("Say who is to be asked by exactly one of login_hint and id_token_hint.")
    if given == ["login_hint_token"]:
        raise invalid_request("login_hint_token is not taken here. Send login_hint or id_token_hint.")
    if len(attempt.parameters.get("login_hint", "")) > _LONGEST_LOGIN_HINT:
        raise invalid_request(f"login_hint is an identity number; it has at most {_LONGEST_LOGIN_HINT} characters.")
