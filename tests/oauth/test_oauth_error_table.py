"""Every error code that the authorization server can answer is explained, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import propylon.authserver
import propylon.oauth
from propylon.oauth.error_table import OAUTH_ERRORS

_RAISED = re.compile(r'OAuthError\(\s*"([a-z_]+)"')


def test_every_code_that_is_raised_is_in_the_table() -> None:
    rooms = [Path(str(room.__file__)).parent for room in (propylon.oauth, propylon.authserver)]
    raised = {code for room in rooms for file in room.rglob("*.py") for code in _RAISED.findall(file.read_text())}
    raised |= {"invalid_request", "invalid_client", "invalid_grant", "invalid_scope"}
    assert raised <= {each.code for each in OAUTH_ERRORS}, raised - {each.code for each in OAUTH_ERRORS}


def test_each_code_stands_once_and_says_what_to_do() -> None:
    codes = [each.code for each in OAUTH_ERRORS]
    assert len(codes) == len(set(codes))
    assert all(each.meaning.endswith(".") and each.remedy for each in OAUTH_ERRORS)
