"""A person's session over plain HTTP: what a browser would send, without one. Fast enough to try everything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

from browser.forms import Form, Page, read_page
from running_system import DemoUser, RunningSystem

SIGN_IN = "/sign-in"
CONFIRM = "/account/confirm"


@dataclass
class WebSession:
    """Cookies of one person; forms are fetched and sent as a browser does, with the CSRF token of their page."""

    system: RunningSystem
    client: httpx.Client
    password: str = ""

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page that asks for the password again gets it."""
        answer = self.client.get(path, **options)
        if self.password and answer.headers.get("Location", "").startswith(CONFIRM):
            self.confirm()
            answer = self.client.get(path, **options)
        return answer

    def confirm(self) -> None:
        """What the pages that are delicate ask for; it lasts ten minutes."""
        page = read_page(self.client.get(CONFIRM).text, f"{self.system.public_url}{CONFIRM}")
        answer = self.send(_with_password(page), page.url, password=self.password)
        assert answer.status_code in {302, 303}, f"not confirmed: {answer.status_code}"

    def page(self, path: str) -> Page:
        """A page that answers 200 with HTML."""
        answer = self.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {_words(answer.text)}"
        return read_page(answer.text, str(answer.url))

    def send(self, form: Form, page_url: str, **changes: str | bytes) -> httpx.Response:
        """Submit it; no redirect is followed."""
        data = {**form.data(), **changes}
        if form.method == "get":
            return self.client.get(form.action, params=data, headers={"Referer": page_url})
        headers = {"Referer": page_url, "Origin": self.system.public_url}
        if form.has_files:
            parts = [(name, (None, value)) for name, values in data.items() for value in _many(values)]
            return self.client.post(form.action, files=parts, headers=headers)
        return self.client.post(form.action, data=data, headers=headers)

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.client.cookies.jar}

    @property
    def is_signed_in(self) -> bool:
        """The sign-in page sends whoever is signed in elsewhere."""
        return self.get(SIGN_IN).status_code in {302, 303}

    def close(self) -> None:
        self.client.close()


def _many(value: object) -> list[str | bytes]:
    return value if isinstance(value, list) else [value]  # type: ignore[list-item]


def visitor(system: RunningSystem, language: str = "en") -> WebSession:
    client = system.client()
    client.headers["Accept-Language"] = language
    return WebSession(system, client)


def sign_in(system: RunningSystem, user: DemoUser, language: str = "en") -> WebSession:
    """Through the sign-in page's own form."""
    session = visitor(system, language)
    page = session.page(SIGN_IN)
    form = _with_password(page)
    name = next(each for each in form.fields if each.takes_text and each.kind != "password")
    answer = session.send(form, page.url, **{name.name: user.email, "password": user.password})
    assert answer.status_code in {302, 303}, f"{user.email} cannot sign in: {answer.status_code}"
    session.password = user.password
    return session


def _with_password(page: Page) -> Form:
    return next(each for each in page.forms if each.field("password"))


def _words(html: str) -> str:
    """What a page says first, without its tags."""
    body = html[html.find("<main") :] if "<main" in html else html
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())[:400]
