"""Every form that can be found, filled by somebody who means harm; every address, asked for by somebody else's people.

The forms are discovered, so a new page is covered on the day it comes. On a system of its own: much of it acts. It
takes minutes, so `make test-all` runs it; in `make test` each room tries its own forms and ids, in-process.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Playwright

from browser.addresses import addresses
from browser.crawl import FoundForm, crawl, forms_of
from browser.forms import Page, read_page
from browser.hostile import ELSEWHERE, HOSTILE, LONG, NEVER_SENT, SENT_LAST, good_data, is_ours, unescaped, wrong_with
from browser.pages import PAGES, thing_named
from browser.person import people_of
from browser.staged_system import staged_system
from browser.web_session import WebSession, sign_in, visitor
from running_system import DemoUser, RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.slow]

# Pages for people without an account, each with a browser of its own: the bank's customer, who has a link.
UNNAMED = {each.title: each for each in PAGES if each.path and each.status == 200}
# Who has forms that the others have not.
ROLES = ("", *UNNAMED, "developer", "organization_manager", "operator")
EACH_ROLE = list(ROLES)
OUTSIDER = "hedda@havn.example"
# What only the partner and the bank may read: names of its people and applications, its ids.
SECRETS_OF_THE_PARTNER = (
    "Ledger Sync",
    "Payout Service",
    "Account View",
    "Nordlicht",
    "dana@",
    "omar@",
    "svcNordlicht",
)
OWNED = {"application", "client", "organization", "order", "certificate", "subscription", "invitation", "user", "call"}


@dataclass
class Target:
    """The system, somebody of each role, and what each can reach."""

    system: RunningSystem
    things: dict[str, str]
    sessions: dict[str, WebSession] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    spare: list[WebSession] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Developers for later: after all that is tried here with wrong passwords, nobody may sign in as one."""
        self.spare = [sign_in(self.system, self.user("developer")) for _ in range(4)]

    def developer(self) -> WebSession:
        """A session that nothing has been done with."""
        return self.spare.pop()

    def session(self, who: str) -> WebSession:
        """By role or e-mail address; "" is a stranger, and so is who has one of the pages without a name."""
        if who not in self.sessions:
            is_stranger = not who or who in UNNAMED
            self.sessions[who] = visitor(self.system) if is_stranger else sign_in(self.system, self.user(who))
            if who in UNNAMED:
                self.sessions[who].client.cookies.update(UNNAMED[who].cookies_of(self.things))
        return self.sessions[who]

    def user(self, who: str) -> DemoUser:
        return next(each for each in self.system.demo.users if who in {each.role, each.email})

    def reachable(self, role: str) -> list[Page]:
        if role in UNNAMED and role not in self.pages:
            self.pages[role] = [self.session(role).page(UNNAMED[role].address(self.things))]
        if role not in self.pages:
            starts = [
                "/",
                *(["/sign-in?next=/apps"] if not role else []),
                *(each.address(self.things) for each in PAGES if each.role == role and not each.path),
            ]
            self.pages[role] = crawl(self.session(role), starts)
        return self.pages[role]

    def forms(self, role: str, *, method: str = "", last: bool = False) -> list[FoundForm]:
        """Those of everybody's daily work, or those that end somebody's session or role."""
        is_stranger = not role or role in UNNAMED
        assert is_stranger or self.session(role).is_signed_in, f"the {role} was signed out"
        # A form that the roles before have, too, is tried as the first of them.
        known = {each.key for before in ROLES[: ROLES.index(role)] for each in forms_of(self.reachable(before))}
        found = [each for each in forms_of(self.reachable(role)) if each.name not in NEVER_SENT]
        found = [each for each in found if each.key not in known or each.name in SENT_LAST]
        return [each for each in found if method in {"", each.form.method} and (each.name in SENT_LAST) == last]


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with staged_system() as (system, things):
        found = Target(system, things)
        yield found
        for session in found.sessions.values():
            session.close()


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(target: Target, elsewhere: str) -> None:
    somebody = target.user("analyst")
    session = visitor(target.system)
    page = session.page(f"/sign-in?{urlencode({'next': elsewhere})}")
    form = next(each for each in page.forms if each.field("password"))
    answer = session.send(form, page.url, login=somebody.email, password=somebody.password, next=elsewhere)
    assert answer.status_code == 303
    target_url = urljoin(page.url, answer.headers["Location"])
    assert target_url.startswith(f"{target.system.public_url}/"), target_url
    session.close()


def test_a_tab_from_before_sign_in_is_told_what_to_do(target: Target) -> None:
    """The token in a form is that of another session: refused with a page, and nothing was done."""
    first, second = target.developer(), target.developer()
    for found in forms_of(crawl(first, ["/apps", "/account"])):
        if found.form.method == "post" and found.name not in NEVER_SENT:
            answer = _post(second, found, good_data(found.form))
            assert answer.status_code == 403, f"{found.name}: {answer.status_code}"
            assert read_page(answer.text, found.page_url).headings
    first.close()
    second.close()


def test_a_tab_of_somebody_signed_out_is_led_to_sign_in(target: Target) -> None:
    developer = target.developer()
    found = [each for each in forms_of(crawl(developer, ["/apps"])) if each.form.method == "post"]
    stranger = visitor(target.system)
    for each in found:
        answer = _post(stranger, each, good_data(each.form))
        assert answer.status_code in {302, 303, 403, 401}, f"{each.name}: {answer.status_code}"
        assert not any(secret in answer.text for secret in SECRETS_OF_THE_PARTNER), each.name
    for page in target.reachable("developer"):
        answer = stranger.get(page.url)
        if answer.status_code == 200:
            assert not any(secret in answer.text for secret in SECRETS_OF_THE_PARTNER), page.url
    developer.close()
    stranger.close()


def test_ids_of_another_organization_are_unknown(target: Target) -> None:
    """Every address with an id, as somebody of another partner: the answer of an id that does not exist."""
    outsider, wrong = target.session(OUTSIDER), []
    token = next(form for page in [outsider.page("/")] for form in page.forms).data()["csrfmiddlewaretoken"]
    for address in addresses():
        owned = [each for each in address.parameters if thing_named(address, each) in OWNED]
        if not owned:
            continue
        known = {each: target.things.get(thing_named(address, each), "x") for each in address.parameters}
        invented = known | {each: known[each][:-4] + "zzzz" for each in owned}
        for method in ("GET", "POST"):
            theirs, nobodys = (_ask(outsider, method, address.path(values), str(token)) for values in (known, invented))
            leaked = [secret for secret in SECRETS_OF_THE_PARTNER if secret in theirs.text]
            if theirs.status_code not in {403, 404, 405} or leaked or theirs.status_code != nobodys.status_code:
                told = f"{theirs.status_code}, of an invented id {nobodys.status_code}, leaked {leaked}"
                wrong.append(f"{method} {address.name}: {told}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["", "developer", "analyst", OUTSIDER], ids=lambda role: role or "stranger")
def test_the_console_is_closed_to_partners(target: Target, role: str) -> None:
    session = target.session(role)
    for address in addresses():
        if address.name.startswith("console_"):
            known = {each: target.things.get(thing_named(address, each), "1") for each in address.parameters}
            answer = session.get(address.path(known))
            allowed = {302, 303} if not role else {403, 404}
            assert answer.status_code in allowed | {405}, f"{address.name}: {answer.status_code}"
            assert not any(secret in answer.text for secret in SECRETS_OF_THE_PARTNER if role != "developer")


def test_tabs_of_a_deleted_application_say_so(target: Target) -> None:
    """Another tab deleted it: every page and every form of it answers 404 and does nothing."""
    developer = target.developer()
    path = f"/apps/{target.things['web_application']}"
    pages = [each for each in crawl(developer, [path]) if urlsplit(each.url).path.startswith(path)]
    assert pages
    tabs = [each for each in forms_of(pages) if urlsplit(each.form.action).path.startswith(path)]
    deletion = next(each for each in tabs if each.name.endswith(":delete"))
    typed = {each.name: "Account View" for each in deletion.form.text_fields}
    answer = _post(developer, deletion, good_data(deletion.form) | typed)
    assert answer.status_code == 303, answer.text
    for page in pages:
        assert developer.get(page.url).status_code == 404, page.url
    for tab in tabs:
        assert _send(developer, tab, good_data(tab.form)).status_code == 404, tab.name
    developer.close()


@pytest.mark.parametrize("role", EACH_ROLE, ids=lambda role: role or "stranger")
class TestForms:
    def test_are_found(self, target: Target, role: str) -> None:
        pages = target.reachable(role)
        assert len(pages) >= len([each for each in PAGES if each.role == role and each.status == 200 and not each.path])
        assert target.forms(role)

    def test_posts_carry_a_token(self, target: Target, role: str) -> None:
        """Without it nothing is done: the answer is a refusal for every form. What has no session has nothing to steal:
        the request for a consent is tied to its browser by a cookie of its own, and a link is its own secret.
        """
        if role in UNNAMED:
            return
        for found in target.forms(role, method="post"):
            names = {each.name for each in found.form.fields}
            assert "csrfmiddlewaretoken" in names, found.key
            data = good_data(found.form) | {"csrfmiddlewaretoken": "x" * 64}
            answer = _post(target.session(role), found, data)
            assert answer.status_code == 403, f"{found.key}: {answer.status_code}"
            assert read_page(answer.text, found.page_url).headings, "the refusal is a page that says what to do"

    def test_survive_every_hostile_value(self, target: Target, role: str) -> None:
        wrong = [problem for found in target.forms(role) for problem in _survives(target.session(role), found)]
        assert not wrong, "\n".join(wrong)

    def test_survive_each_hostile_value_in_each_field(self, target: Target, role: str) -> None:
        wrong = []
        for found in target.forms(role):
            for place in found.form.text_fields:
                for what, value in HOSTILE.items():
                    answer = _send(target.session(role), found, {**good_data(found.form), place.name: value})
                    if problem := wrong_with(answer):
                        wrong.append(f"{found.name} {place.name}, {what}: {problem}")
        assert not wrong, "\n".join(wrong)

    def test_survive_a_megabyte_in_each_field(self, target: Target, role: str) -> None:
        """No field takes it: refused, or cut by whoever reads it; never an error of ours."""
        wrong = []
        for found in target.forms(role, method="post"):
            for place in found.form.text_fields:
                answer = _send(target.session(role), found, {**good_data(found.form), place.name: LONG})
                if problem := wrong_with(answer):
                    wrong.append(f"{found.name} {place.name}: {problem}")
        assert not wrong, "\n".join(wrong)

    def test_lead_to_no_other_site(self, target: Target, role: str) -> None:
        wrong = []
        asking = [each for each in target.forms(role) if any(place.name == "next" for place in each.form.fields)]
        for found in asking:
            for value in ELSEWHERE:
                data = {**good_data(found.form), "next": value}
                if problem := wrong_with(_send(target.session(role), found, data)):
                    wrong.append(f"{found.name}: {problem}")
        assert not wrong, "\n".join(wrong)


def test_nothing_hostile_comes_back_on_any_page(target: Target, playwright: Playwright) -> None:
    """After all of the above: no page of anybody holds it unescaped, and where it is shown no script runs."""
    shown: dict[str, list[str]] = {}
    for role in ("developer", "operator"):
        for page in crawl(target.session(role), [each.url for each in target.reachable(role)]):
            assert not unescaped(page.text), f"{page.url}: {unescaped(page.text)}"
            if "7057" in page.text:
                shown.setdefault(role, []).append(page.url)
    with people_of(target.system, playwright) as people:
        for role, urls in shown.items():
            people.sessions[target.user(role).email] = target.session(role)
            person = people.sign_in(role)
            for url in urls[:6]:
                person.goes_to(url)
        people.sessions.clear()


@pytest.mark.parametrize("role", EACH_ROLE, ids=lambda role: role or "stranger")
def test_two_posts_at_once_do_no_harm(target: Target, role: str) -> None:
    """A button pressed twice: both get an answer, neither an error of ours."""
    wrong = []
    for found in target.forms(role, method="post"):
        data = good_data(found.form)
        twins = [copy.copy(target.session(role)) for _ in range(2)]
        for twin in twins:
            twin.client = target.system.client()
            twin.client.cookies = httpx.Cookies(target.session(role).client.cookies)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda twin, found=found, data=data: _post(twin, found, data), twins))
        for twin in twins:
            twin.close()
        wrong += [f"{found.name}: {wrong_with(each)}" for each in answers if wrong_with(each)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", EACH_ROLE[1 + len(UNNAMED) :])
def test_forms_that_end_sessions_and_roles_survive_every_hostile_value(target: Target, role: str) -> None:
    for found in target.forms(role, method="post", last=True):
        assert not _survives(target.session(role), found)


def _survives(session: WebSession, found: FoundForm) -> list[str]:
    """A script in each field by itself, the rest right; every other value in all fields of text at once."""
    wrong = []
    good, names = good_data(found.form), [each.name for each in found.form.text_fields]
    tried = {each.name: {each.name: HOSTILE["script"]} for each in found.form.fields if not is_ours(each)}
    if names:
        tried |= {what: dict.fromkeys(names, value) for what, value in HOSTILE.items()}
    for what, values in tried.items():
        if problem := wrong_with(_send(session, found, {**good, **values})):
            wrong.append(f"{found.name} {what}: {problem}")
    return wrong


def _send(session: WebSession, found: FoundForm, data: dict[str, str | list[str]]) -> httpx.Response:
    if found.form.method == "get":
        return session.client.get(found.form.action, params=data)
    return _post(session, found, data)


def _post(session: WebSession, found: FoundForm, data: dict[str, str | list[str]]) -> httpx.Response:
    headers = {"Referer": found.page_url, "Origin": session.system.public_url}
    if found.form.has_files:
        parts = [(name, (None, str(value))) for name, value in data.items()]
        return session.client.post(found.form.action, files=parts, headers=headers)
    return session.client.post(found.form.action, data=data, headers=headers)


def _ask(session: WebSession, method: str, path: str, token: str) -> httpx.Response:
    if method == "GET":
        return session.get(path)
    headers = {"Referer": session.system.public_url + path, "Origin": session.system.public_url}
    return session.client.post(path, data={"csrfmiddlewaretoken": token}, headers=headers)
