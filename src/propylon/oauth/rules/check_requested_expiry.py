"""A requested expiry is a positive number of seconds; how much of it is given is for the server (CIBA Core, 7.1)."""

from __future__ import annotations

import re

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import invalid_request

_POSITIVE = re.compile(r"0*[1-9][0-9]{0,8}")


def check_requested_expiry(attempt: BackchannelAttempt) -> None:
    given = attempt.parameters.get("requested_expiry")
    if given is not None and not _POSITIVE.fullmatch(given):
        raise invalid_request("requested_expiry is a positive number of seconds.")
