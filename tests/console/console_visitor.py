"""A person at the console without a browser: pages as text, forms sent as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from propylon.accounts.models import User


@dataclass
class Visitor:
    user: User | None
    browser: Browser = field(default_factory=Browser)

    def __post_init__(self) -> None:
        if self.user is not None:
            self.browser.force_login(self.user)

    def get(self, path: str) -> Any:
        return self.browser.get(path, secure=True)

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self.browser.post(path, data or {}, secure=True)

    def text(self, path: str, status: int = 200) -> str:
        answer: HttpResponse = self.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.content.decode()
