"""Browsers of people for tests of the account's pages: Django's own client, no sockets."""

from __future__ import annotations

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client as Browser

from management import PASSWORD, Program
from propylon.notifications.models import Mail


def at_home(program: Program, role: str) -> Browser:
    """The browser of a person who is signed in."""
    browser = Browser()
    answer = browser.post("/sign-in", {"login": program.people[role].email, "password": PASSWORD})
    assert answer.status_code == 303, answer.content.decode()
    return browser


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def code_now(secret: str, *, ahead: int = 0) -> str:
    """What an authenticator app shows; `ahead` periods later."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + ahead)))


def link_of(mail: Mail) -> str:
    """The path of the mail's link."""
    found = re.search(r"https://[^/\s]+(/\S+)", mail.body)
    assert found, mail.body
    return found[1]
