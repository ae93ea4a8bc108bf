"""Finds every page and form that a person can come to by links, without a browser."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from browser.addresses import name_of
from browser.forms import Form, Page, read_page
from browser.web_session import WebSession

PAGES_OF_AN_ADDRESS = 2  # ten thousand applications have one page


@dataclass(frozen=True)
class FoundForm:
    """A form on a page of one's own."""

    page_url: str
    form: Form

    @property
    def name(self) -> str:
        """The address that it is sent to."""
        path = urlsplit(self.form.action).path
        return name_of(path) or path

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Forms with the same are the same form on two pages."""
        fields = tuple(sorted({each.name for each in self.form.fields} - {"csrfmiddlewaretoken", "next"}))
        return self.form.method, self.name, fields, self.form.buttons


def crawl(session: WebSession, starts: Iterable[str]) -> list[Page]:
    """Pages that answer 200 with HTML, at most a few of each address."""
    waiting = deque(str(session.client.base_url.join(start)) for start in starts)
    known, counts, found = set(waiting), Counter[str](), []
    while waiting:
        url = waiting.popleft()
        answer = session.get(url)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        page = read_page(answer.text, url)
        found.append(page)
        for link in page.links:
            name = name_of(urlsplit(link).path)
            if name and link not in known and counts[name] < PAGES_OF_AN_ADDRESS:
                counts[name] += 1
                known.add(link)
                waiting.append(link)
    return found


def forms_of(pages: Iterable[Page]) -> list[FoundForm]:
    """Each form once."""
    found = [FoundForm(page.url, form) for page in pages for form in page.forms]
    return list({each.key: each for each in reversed(found)}.values())[::-1]
