"""Each page is accessible, in reach of the keyboard, right in both sizes, themes and languages, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Playwright

from browser.forms import read_page
from browser.pages import PAGES, Entry
from browser.person import SIZES, People, Person, people_of
from browser.staged_system import staged_system
from browser.visits import PAGE_BYTES
from browser.web_session import CONFIRM

# The gallery shows components that belong to nothing; passkeys are a thing of scripts, and their page says so.
BARE = {"design_system", "mfa_add_webauthn"}
every_page = pytest.mark.parametrize("entry", PAGES, ids=[each.title for each in PAGES])
# `make test` looks at every fourteenth page, so at one of most areas; `make test-all` at all of them.
some_pages = pytest.mark.parametrize(
    "entry",
    [
        pytest.param(each, id=each.title, marks=() if number % 14 == 0 else pytest.mark.slow)
        for number, each in enumerate(PAGES)
    ],
)


@dataclass
class Audience:
    """One person of each role, kept for the whole file: a new context for each page would take longer."""

    people: People
    things: dict[str, str]
    known: dict[tuple[str, bool], Person] = field(default_factory=dict)

    def at(self, entry: Entry, *, javascript: bool = True) -> Person:
        """Somebody of the page's role, who has opened it."""
        address = entry.address(self.things)
        person = self._person(entry.role, javascript)
        person.page.set_viewport_size(SIZES["desktop"])
        person.page.emulate_media(color_scheme="light")
        person.watch.problems.clear()
        person.carries(entry.cookies_of(self.things))
        person.goes_to(address, status=entry.status)
        if person.watch.visit.path == CONFIRM != address:
            self.people.session(entry.role).confirm()
            person.goes_to(address, status=entry.status)
        assert person.watch.visit.path == address.partition("?")[0], f"leads to {person.watch.visit.path}"
        return person

    def _person(self, role: str, javascript: bool) -> Person:
        key = (role, javascript)
        if key not in self.known:
            come = self.people.sign_in if role else lambda _, **wishes: self.people.visitor(**wishes)
            self.known[key] = come(role, javascript=javascript)
        return self.known[key]


@pytest.fixture(scope="module")
def audience(playwright: Playwright) -> Iterator[Audience]:
    with staged_system() as (system, things), people_of(system, playwright) as people:
        yield Audience(people, things)


@pytest.mark.system
@some_pages
def test_page(audience: Audience, entry: Entry) -> None:
    """One visit, looked at from every side; all that is wrong is told at once."""
    person = audience.at(entry)
    visit = person.watch.visit
    found = [f"axe: {each}" for each in _axe(person)]
    found += _keyboard(person)
    found += _widths(person)
    if visit.size > PAGE_BYTES:
        found.append(f"{visit.size / 1024:.0f} KB")
    assert not found, f"{visit.path}\n" + "\n".join(found)
    person.watch.judge()


@pytest.mark.system
@pytest.mark.slow
@every_page
def test_page_in_other_looks(audience: Audience, entry: Entry) -> None:
    """What axe says of colours in the dark, and of sizes on a telephone."""
    person = audience.at(entry)
    person.page.emulate_media(color_scheme="dark")
    found = [f"dark: {each}" for each in _axe(person, looks_only=True)]
    person.page.emulate_media(color_scheme="light")
    person.page.set_viewport_size(SIZES["telephone"])
    found += [f"telephone: {each}" for each in _axe(person, looks_only=True)]
    assert not found, "\n".join(found)


@pytest.mark.system
@pytest.mark.slow
@every_page
def test_page_without_scripts(audience: Audience, entry: Entry) -> None:
    """The same heading, no script's help: every form has a button, nothing that waits for a script is shown."""
    person = audience.at(entry, javascript=False)
    person.page.set_viewport_size(SIZES["telephone"])
    found: list[str] = person.page.evaluate(_WITHOUT_SCRIPTS)
    assert not found or entry.name in BARE, "\n".join(found)
    assert not person.watch.is_too_wide()


@pytest.mark.system
@some_pages
def test_page_says_its_language_and_holds_to_the_house_rules(audience: Audience, entry: Entry) -> None:
    address = entry.address(audience.things)
    session = audience.people.session(entry.role) if entry.role else audience.people.stranger()
    session.client.cookies.update(entry.cookies_of(audience.things))
    for language in ("en", "sv"):
        answer = session.get(address, headers={"Accept-Language": language})
        page = read_page(answer.text, str(answer.url))
        assert answer.status_code == entry.status
        assert page.language == language, f"{address} says it is in {page.language!r}"
        assert len(page.headings) == 1, page.headings
        assert not page.has_script
        assert not page.handlers, page.handlers
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


def _axe(person: Person, *, looks_only: bool = False) -> list[str]:
    from browser.accessibility import violations

    return violations(person.page, looks_only=looks_only)


def _widths(person: Person) -> list[str]:
    """In both sizes and directions, without loading it again."""
    page, found = person.page, []
    for size in ("telephone", "desktop"):  # the next page is opened on a desktop, too
        page.set_viewport_size(SIZES[size])
        for direction in ("ltr", "rtl"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            if wide := person.watch.is_too_wide():
                found.append(f"{size} {direction} scrolls sideways: {wide}")
        page.evaluate("() => { document.documentElement.dir = 'ltr' }")
    return found


def _keyboard(person: Person) -> list[str]:
    """Tab reaches everything that can be used, the skip link first, and where one is can be seen."""
    page = person.page
    count: int = page.evaluate(_BEFORE_TABBING)
    for _ in range(count + 2):
        person.watch.presses_tab()
    told: dict[str, Any] = page.evaluate("() => window.tabbed()")
    page.evaluate("() => document.activeElement?.blur()")  # the skip link covers what is below it
    found = [f"Tab does not reach {each}" for each in told["missed"]]
    found += [f"focus cannot be seen on {each}" for each in told["unseen"]]
    if "#main" not in told["first"]:
        found.append(f"Tab comes first to {told['first']}, not to the skip link")
    return found


_BEFORE_TABBING = """() => {
  const name = (element) => element.outerHTML.slice(0, 120);
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
    (element) => element.tabIndex >= 0 && !element.disabled && element.type !== "hidden" &&
      element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]"));
  const radios = new Map();
  const wanted = all.filter((element) => {
    if (element.type !== "radio") return true;
    const group = `${element.form?.id} ${element.name}`;
    if (radios.has(group)) return false;
    radios.set(group, element);
    return true;
  });
  const seen = new Set(), unseen = new Set(), order = [];
  const groups = new Set();
  document.addEventListener("focusin", ({ target }) => {
    order.push(target);
    seen.add(target);
    if (target.type === "radio") groups.add(target.name);
    const style = getComputedStyle(target);
    const around = [target, target.parentElement, target.nextElementSibling].filter(Boolean).map(getComputedStyle);
    if (!around.some((each) => each.outlineStyle !== "none" || each.boxShadow !== "none")) unseen.add(target);
  });
  document.body.tabIndex = -1;  // Tab goes on from here, also where a field has the focus from the beginning
  document.body.focus();
  document.body.removeAttribute("tabindex");
  window.scrollTo(0, 0);
  window.tabbed = () => ({
    missed: wanted.filter((each) => !seen.has(each) && !(each.type === "radio" && groups.has(each.name))).map(name),
    unseen: [...unseen].map(name),
    first: order.length ? name(order[0]) : "nothing",
  });
  // A date has a stop for day, month, year and the calendar; one with a time of day more.
  const stops = { date: 3, "datetime-local": 6 };
  return wanted.reduce((sum, each) => sum + 1 + (stops[each.type] ?? 0), 0);
}"""

_WITHOUT_SCRIPTS = """() => {
  const found = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  if (!document.querySelector("h1") || !shown(document.querySelector("h1"))) found.push("no heading is shown");
  for (const form of [...document.querySelectorAll("form")].filter(shown))
    if (![...form.elements, ...document.querySelectorAll(`button[form="${form.id || "-"}"]`)]
        .some((each) => each.type === "submit" && (shown(each) || each.closest("details"))))
      found.push("no button sends " + form.outerHTML.slice(0, 150));
  for (const button of document.querySelectorAll("button[type=button]"))
    if (shown(button)) found.push("does nothing without scripts: " + button.outerHTML.slice(0, 150));
  return found;
}"""
