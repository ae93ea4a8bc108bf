"""The bank's customer at the login and consent pages: reads HTML forms, keeps cookies, follows redirects.

No JavaScript: the pages must work without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

from propylon.cli.demo.http_session import Answer, HttpSession


@dataclass(slots=True)
class Form:
    """A form of a page: its fields by name, and its buttons' name and value by id."""

    identifier: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # id of an input → its name
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    boxes: dict[str, tuple[str, str]] = field(default_factory=dict)  # to tick: id → name and value


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("id", ""), given.get("action", "")))
        elif self.forms and given.get("type") in {"checkbox", "radio"}:
            form, box = self.forms[-1], (given["name"], given.get("value") or "on")
            form.boxes[given.get("id", given["name"])] = box
            if "checked" in given:
                form.fields[box[0]] = box[1]
        elif self.forms and tag == "input" and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
            self.forms[-1].names[given.get("id", given["name"])] = given["name"]
        elif self.forms and tag == "button":
            self.forms[-1].buttons[given.get("id", "")] = (given.get("name", ""), given.get("value", ""))


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser shows, or the address outside the bank that it was sent to."""

    url: str
    answer: Answer | None = None

    def form(self, identifier: str) -> Form:
        """The form with this id; LookupError tells what the page was instead."""
        text = self.answer.body.decode() if self.answer else ""
        reader = FormReader()
        reader.feed(text)
        for form in reader.forms:
            if form.identifier == identifier:
                return form
        status = self.answer.status if self.answer else "elsewhere"
        message = f"no form #{identifier} at {self.url} ({status}): {text[:300]}"
        raise LookupError(message)


class FormBrowser:
    """A browser of one origin. Redirects that lead elsewhere are not followed: they are the result."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self._cookies: dict[str, str] = {}

    def open(self, url: str) -> Page:
        return self._follow(url, self._request("GET", url))

    def submit(
        self, page: Page, form_id: str, *, fill: Mapping[str, str], tick: Sequence[str] = (), press: str = ""
    ) -> Page:
        """Fill inputs (by their ids), tick boxes (by theirs), press a button (by its)."""
        form = page.form(form_id)
        values = dict(form.fields)
        for identifier, value in fill.items():
            values[form.names[identifier]] = value
        values.update(form.boxes[identifier] for identifier in tick)
        if press:
            name, value = form.buttons[press]
            if name:
                values[name] = value
        url = urljoin(page.url, form.action) if form.action else page.url
        return self._follow(url, self._request("POST", url, values, referer=page.url))

    def _request(self, method: str, url: str, form: Mapping[str, str] | None = None, referer: str = "") -> Answer:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if referer:
            headers |= {"Referer": referer, "Origin": self._session.origin}
        if method == "POST":
            answer = self._session.post_form(path, form or {}, **headers)
        else:
            answer = self._session.get(path, **headers)
        self._keep_cookies(answer)
        return answer

    def _keep_cookies(self, answer: Answer) -> None:
        for name, value in answer.all_headers:
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self._cookies[key] = morsel.value

    def _follow(self, url: str, answer: Answer) -> Page:
        for _ in range(10):
            if answer.status not in {302, 303} or "location" not in answer.headers:
                return Page(url, answer)
            url = urljoin(url, answer.headers["location"])
            if not url.startswith(self._session.origin + "/"):
                return Page(url)
            answer = self._request("GET", url)
        message = f"the redirects do not end: {url}"
        raise LookupError(message)
