"""People at the pages of My apps, by Django's test client: real database and middleware, no sockets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from management import Program
from propylon.accounts.models import User


@dataclass(frozen=True)
class Seen:
    """An answer; `text` is its page without tags, spaces drawn together."""

    status: int
    html: str
    location: str
    context: Any

    @property
    def text(self) -> str:
        main = self.html[self.html.find("<main") :]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@dataclass(frozen=True)
class Visitor:
    browser: Browser

    def get(self, path: str, **query: str) -> Seen:
        return _seen(self.browser.get(path, query, headers={"x-propylon-source-address": "192.0.2.10"}))

    def post(self, path: str, **data: Any) -> Seen:
        return _seen(self.browser.post(path, data, headers={"x-propylon-source-address": "192.0.2.10"}))


def _seen(answer: Any) -> Seen:
    return Seen(answer.status_code, answer.content.decode(), answer.get("Location", ""), answer.context)


def visitor(who: User | None) -> Visitor:
    browser = Browser()
    if who is not None:
        browser.force_login(who)
    return Visitor(browser)


def person(program: Program, role: str) -> Visitor:
    return visitor(program.people[role])
