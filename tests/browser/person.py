"""A person at a browser, in the words of a test: goes to, fills, presses, sees. Every visit is judged (visits.py)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Download, Locator, Page, Playwright, ViewportSize, expect

from browser.accessibility import violations
from browser.chromium import chromium
from browser.visits import Watch
from browser.web_session import WebSession, sign_in, visitor
from running_system import DemoUser, RunningSystem

Size = Literal["desktop", "telephone"]
Theme = Literal["light", "dark"]
SIZES: dict[Size, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "telephone": {"width": 390, "height": 844},
}
LOCALES = {"en": "en-GB", "sv": "sv-SE"}
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PATIENCE_MS = 8_000
TO_PICTURE_MS = 60_000  # no test: a busy machine may take its time


@dataclass
class Person:
    """`presses` counts as a click, `fills`, `chooses` and `ticks` as a field: `clicks` and `fields` are the sums."""

    system: RunningSystem
    page: Page
    watch: Watch
    role: str = ""
    clicks: int = 0
    fields: int = 0

    # ── going ──
    def goes_to(self, path: str, *, status: int = 200) -> None:
        """Opens an address; its answer has this status."""
        self.page.goto(self._url(path))
        self.watch.settle()
        assert self.watch.visit.status == status, f"{path}: {self.watch.visit.status}, not {status}"
        self.watch.judge()

    def follows(self, name: str | re.Pattern[str], *, within: str = "", exact: bool = False) -> None:
        """Clicks a link."""
        self._click(self._in(within).get_by_role("link", name=name, exact=exact))

    def carries(self, cookies: Mapping[str, str]) -> None:
        """From now on, with every request."""
        url = self.system.public_url
        self.page.context.add_cookies([{"name": n, "value": v, "url": url, "secure": True} for n, v in cookies.items()])

    def presses(self, name: str | re.Pattern[str], *, within: str = "", exact: bool = False) -> None:
        """Clicks a button, or a link that looks like one. `within` is a CSS selector."""
        place = self._in(within)
        button = place.get_by_role("button", name=name, exact=exact)
        self._click(button.or_(place.get_by_role("link", name=name, exact=exact)))

    def opens(self, summary: str) -> None:
        """Opens what is folded (`<details>`)."""
        self._click(self.page.locator("summary", has_text=summary))

    def downloads(self, name: str | re.Pattern[str], *, within: str = "") -> Path:
        """Presses what starts a download; the file."""
        place = self._in(within)
        with self.page.expect_download(timeout=PATIENCE_MS) as told:
            place.get_by_role("link", name=name).or_(place.get_by_role("button", name=name)).first.click()
        download: Download = told.value
        self.clicks += 1
        return Path(download.path())

    # ── filling ──
    def fills(self, label: str | re.Pattern[str], value: str, *, exact: bool = False) -> None:
        self._field(label, exact=exact).fill(value)
        self.fields += 1

    def chooses(self, label: str | re.Pattern[str], option: str = "") -> None:
        """An option of a select; without `option`, a radio button or card."""
        found = self._field(label)
        if option:
            found.select_option(label=option)
        else:
            found.check()
        self.fields += 1
        self.watch.settle()

    def ticks(self, label: str | re.Pattern[str], *, on: bool = True) -> None:
        self._field(label).set_checked(on)
        self.fields += 1

    # ── seeing ──
    def sees(self, text: str | re.Pattern[str], *, within: str = "") -> None:
        """The text is on the page and visible, now or soon."""
        place = self._in(within)
        expect(place.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=PATIENCE_MS)
        self.watch.settle()
        self.watch.judge()

    def does_not_see(self, text: str | re.Pattern[str], *, within: str = "") -> None:
        expect(self._in(within).get_by_text(text).filter(visible=True)).to_have_count(0, timeout=PATIENCE_MS)

    def sees_heading(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", name=text).first).to_be_visible(timeout=PATIENCE_MS)
        self.watch.settle()
        self.watch.judge()

    def is_at(self, path: str | re.Pattern[str]) -> None:
        """The address, by its path; a pattern is searched for."""
        pattern = path if isinstance(path, re.Pattern) else re.compile(re.escape(self._url(path)) + r"([?#].*)?$")
        expect(self.page).to_have_url(pattern, timeout=PATIENCE_MS)

    def reads(self, label: str | re.Pattern[str]) -> str:
        """The value of a field, or the text of what has this label."""
        found = self._field(label)
        is_field = found.evaluate("e => 'value' in e")
        return found.input_value() if is_field else (found.text_content() or "").strip()

    def is_accessible(self, *, looks_only: bool = False) -> None:
        """axe finds nothing on the page as it is now."""
        found = violations(self.page, looks_only=looks_only)
        assert not found, f"{self.page.url}\n" + "\n".join(found)

    def screenshot(self, name: str, *, whole_page: bool = True) -> Path:
        file = SCREENSHOTS / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file, full_page=whole_page, animations="disabled", timeout=TO_PICTURE_MS)
        return file

    # ── inside ──
    def _url(self, path: str) -> str:
        return path if path.startswith("https://") else self.system.public_url + path

    def _in(self, selector: str) -> Page | Locator:
        return self.page.locator(selector).first if selector else self.page

    def _field(self, label: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        return self.page.get_by_label(label, exact=exact).filter(visible=True).first

    def _click(self, target: Locator) -> None:
        target.filter(visible=True).first.click(timeout=PATIENCE_MS)
        self.clicks += 1
        self.watch.settle()
        self.watch.judge()


@dataclass
class People:
    """Signs people in. Each has a browser context of its own; a role's session is made once and used again.

    `size` is the one of those who wish for none.
    """

    system: RunningSystem
    browser: Browser
    size: Size = "desktop"
    here: list[Person] = field(default_factory=list)
    sessions: dict[str, WebSession] = field(default_factory=dict)

    def sign_in(self, who: str | DemoUser, **wishes: object) -> Person:
        """A role of demo.json, an e-mail address of one of its users, or a user. For wishes see `visitor`."""
        user = who if isinstance(who, DemoUser) else self.user(who)
        return self._arrive(self.session(user), user.role, **wishes)

    def visitor(self, **wishes: object) -> Person:
        """Nobody yet. Wishes: size, theme, language, javascript, ignores_cache."""
        return self._arrive(None, "", **wishes)

    def user(self, who: str) -> DemoUser:
        return next(each for each in self.system.demo.users if who in {each.role, each.email})

    def session(self, who: str | DemoUser) -> WebSession:
        """The same over plain HTTP; made again when somebody signed it out."""
        user = self.user(who) if isinstance(who, str) else who
        known = self.sessions.get(user.email)
        if known is None or not known.is_signed_in:
            if known:
                known.close()
            self.sessions[user.email] = sign_in(self.system, user)
        return self.sessions[user.email]

    def stranger(self) -> WebSession:
        """Nobody, over plain HTTP."""
        return visitor(self.system)

    def leave(self) -> None:
        """Close every context; what went wrong unseen is told now."""
        problems = [problem for person in self.here for problem in person.watch.problems]
        for person in self.here:
            if not person.page.is_closed():
                person.page.context.close()
        self.here.clear()
        assert not problems, "\n".join(problems)

    def _arrive(
        self,
        session: WebSession | None,
        role: str,
        *,
        size: Size | None = None,
        theme: Theme = "light",
        language: str = "en",
        javascript: bool = True,
        ignores_cache: bool = False,
    ) -> Person:
        size = size or self.size
        context = self.browser.new_context(
            viewport=SIZES[size],
            is_mobile=size == "telephone",
            has_touch=size == "telephone",
            color_scheme=theme,
            locale=LOCALES[language],
            java_script_enabled=javascript,
            reduced_motion="reduce",
            timezone_id="Europe/Stockholm",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.system.public_url)
        if session:
            url = self.system.public_url
            context.add_cookies(
                [{"name": n, "value": v, "url": url, "secure": True} for n, v in session.cookies.items()]
            )
        page = context.new_page()
        person = Person(self.system, page, Watch(page, self.system.public_url, ignores_cache=ignores_cache), role)
        self.here.append(person)
        return person


@contextmanager
def people_of(system: RunningSystem, playwright: Playwright) -> Iterator[People]:
    """People of one system, with a browser that trusts its CA."""
    with (
        tempfile.TemporaryDirectory(prefix="propylon-chromium-", ignore_cleanup_errors=True) as home,
        chromium(playwright, system.ca_file, Path(home)) as browser,
    ):
        people = People(system, browser)
        yield people
        for session in people.sessions.values():
            session.close()
