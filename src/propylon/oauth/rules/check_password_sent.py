"""Name and password were sent, and a scope: nobody is asked for consent, so the request says what it is for."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_request, invalid_scope

_LONGEST = 200  # characters; the directory hashes what it gets


def check_password_sent(attempt: TokenAttempt) -> None:
    for name in ("username", "password"):
        value = attempt.form.get(name, "")
        if not value:
            raise invalid_request(f"The parameter {name} is missing.")
        if len(value) > _LONGEST:
            raise invalid_request(f"The parameter {name} is longer than {_LONGEST} characters.")
    if "authorization_details" in attempt.form:
        raise invalid_request("authorization_details need the customer's consent: use authorization_code.")
    if not attempt.form.get("scope"):
        raise invalid_scope("The parameter scope is missing: name what the token is for.")
