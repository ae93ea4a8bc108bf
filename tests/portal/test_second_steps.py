"""Authenticator app, recovery codes, confirmation before what is delicate, sessions: by page and by API."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client as Browser
from pytest_django import DjangoCaptureOnCommitCallbacks

from management import PASSWORD, Caller, Program
from portal.account_pages import at_home, code_now, link_of, text_of
from propylon.audit.models import Event
from propylon.notifications.models import Mail

NEW = "four patient lighthouses"


@pytest.fixture(autouse=True)
def no_memory_of_one_process() -> None:
    """What allauth keeps in a process's memory must not be what our rules stand on."""
    cache.clear()


def confirm(browser: Browser, leads_to: str) -> None:
    answer = browser.post(f"/account/confirm?next={leads_to}", {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (303, leads_to)


def set_up_app(browser: Browser) -> str:
    """The secret."""
    confirm(browser, "/account/security/app")
    page = text_of(browser.get("/account/security/app"))
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    assert "data:image/svg+xml;base64," in page
    answer = browser.post("/account/security/app", {"code": code_now(secret[1])})
    assert (answer.status_code, answer["Location"]) == (303, "/account/security/recovery-codes")
    return secret[1]


def test_what_is_delicate_asks_again_and_leads_back(program: Program) -> None:
    browser = at_home(program, "developer")
    asked = browser.get("/account/security/app")
    assert asked["Location"] == "/account/confirm?next=%2Faccount%2Fsecurity%2Fapp"

    wrong = browser.post(asked["Location"], {"password": "nonsense"})
    assert wrong.status_code == 400
    assert "This is not your password" in text_of(wrong)
    assert browser.get("/account/security/app").status_code == 302
    confirm(browser, "/account/security/app")
    assert browser.get("/account/security/app").status_code == 200


def test_an_account_with_an_app_asks_for_its_code(program: Program) -> None:
    browser, dana = at_home(program, "developer"), program.people["developer"]
    secret = set_up_app(browser)
    assert secret not in str(Authenticator.objects.get(type="totp").data), "sealed at rest"
    other = Browser()

    step = other.post("/sign-in?next=/apps", {"login": dana.email, "password": PASSWORD})
    assert step["Location"].startswith("/sign-in/code")
    assert other.get("/account/profile").status_code == 303, "the password alone opens nothing"
    assert other.post("/sign-in/code", {"code": "000000"}).status_code == 400
    done = other.post("/sign-in/code", {"code": code_now(secret, ahead=1)})

    assert (done.status_code, done["Location"]) == (303, "/apps")
    assert other.get("/account/profile").status_code == 200
    event = Event.objects.filter(action="user.signed_in").latest("pk")
    assert event.data["methods"] == ["password", "totp"]


def test_a_code_works_once_in_whatever_process(program: Program) -> None:
    secret, dana = set_up_app(at_home(program, "developer")), program.people["developer"]
    code = code_now(secret, ahead=1)
    answers = []
    for _ in range(2):
        browser = Browser()
        browser.post("/sign-in", {"login": dana.email, "password": PASSWORD})
        answers.append(browser.post("/sign-in/code", {"code": code}).status_code)
        cache.clear()
    assert answers == [303, 400]


def test_codes_cannot_be_tried_without_end(program: Program) -> None:
    secret, dana = set_up_app(at_home(program, "developer")), program.people["developer"]
    browser = Browser()
    browser.post("/sign-in", {"login": dana.email, "password": PASSWORD})
    for each in range(10):
        assert browser.post("/sign-in/code", {"code": f"{each:06}"}).status_code == 400
    refused = browser.post("/sign-in/code", {"code": code_now(secret, ahead=1)})
    assert refused.status_code == 400
    assert "tried too often" in text_of(refused)
    assert browser.get("/account/profile").status_code == 303


def test_the_api_is_no_way_around_the_second_step(program: Program) -> None:
    secret, dana = set_up_app(at_home(program, "developer")), program.people["developer"]
    wish = {"email": dana.email, "password": PASSWORD}
    before = dana.access_tokens.count()

    assert Caller().post("/access-tokens", wish).code == "sign_in.code.required"
    assert Caller().post("/access-tokens", {**wish, "code": "123"}).code == "sign_in.code.wrong"
    assert dana.access_tokens.count() == before
    assert Caller().post("/access-tokens", {**wish, "code": code_now(secret, ahead=1)}).status == 201


def test_a_recovery_code_opens_once_and_is_shown_only_after_confirmation(program: Program) -> None:
    browser, dana = at_home(program, "developer"), program.people["developer"]
    set_up_app(browser)
    codes = re.findall(r"<li><code>(\w+)</code>", text_of(browser.get("/account/security/recovery-codes")))
    assert len(codes) == 10
    for expected in (303, 400):
        other = Browser()
        other.post("/sign-in", {"login": dana.email, "password": PASSWORD})
        assert other.post("/sign-in/code", {"code": codes[0]}).status_code == expected
    later = Browser()
    later.post("/sign-in", {"login": dana.email, "password": PASSWORD})
    later.post("/sign-in/code", {"code": codes[1]})
    assert codes[2] not in text_of(later.get("/account/security/recovery-codes"))


def test_setting_up_and_removing_are_told_by_mail_and_written_down(
    program: Program, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser, dana = at_home(program, "developer"), program.people["developer"]
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(browser)
    assert browser.post("/account/security/app/remove").status_code == 303
    assert not Authenticator.objects.filter(user=dana).exists()
    told = list(Mail.objects.filter(to=dana.email).values_list("subject", flat=True))
    assert "An authenticator app was added to your account" in told
    assert "The authenticator app was removed from your account" in told
    actions = set(Event.objects.filter(actor_id=dana.public_id).values_list("action", flat=True))
    assert {"user.mfa_added", "user.mfa_removed"} <= actions


def test_a_changed_password_ends_every_other_session(program: Program) -> None:
    here, there, dana = at_home(program, "developer"), at_home(program, "developer"), program.people["developer"]
    wrong = here.post("/account/security/password", {"oldpassword": "nonsense", "password1": NEW})
    assert wrong.status_code == 400
    assert here.post("/account/security/password", {"oldpassword": PASSWORD, "password1": "short"}).status_code == 400
    assert there.get("/account/profile").status_code == 200

    assert here.post("/account/security/password", {"oldpassword": PASSWORD, "password1": NEW}).status_code == 303

    assert here.get("/account/profile").status_code == 200
    assert there.get("/account/profile").status_code == 303
    dana.refresh_from_db()
    assert dana.check_password(NEW)
    assert Event.objects.filter(action="user.password_changed").count() == 1
    assert Mail.objects.get(to=dana.email).subject == "Your password was changed"


def test_a_forgotten_password_is_set_anew_by_the_link_once(program: Program) -> None:
    dana, browser, there = program.people["developer"], Browser(), at_home(program, "developer")
    known = browser.post("/password/forgotten", {"email": dana.email.upper()})
    unknown = browser.post("/password/forgotten", {"email": "nobody@nowhere.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    link = link_of(Mail.objects.get())
    form = browser.get(link)["Location"]
    assert link not in form, "the key leaves the address"

    assert browser.post(form, {"password1": "short"}).status_code == 400
    assert browser.post(form, {"password1": NEW}).status_code == 303

    dana.refresh_from_db()
    assert dana.check_password(NEW)
    assert there.get("/account/profile").status_code == 303
    assert "This link does not work" in text_of(Browser().get(link))


def test_reset_mails_have_a_limit_that_tells_nothing(program: Program) -> None:
    dana = program.people["developer"]
    for email in (dana.email, "nobody@nowhere.example"):
        answers = [Browser().post("/password/forgotten", {"email": email}).status_code for _ in range(6)]
        assert answers == [303] * 5 + [400]
    assert Mail.objects.filter(to=dana.email).count() == 5


def test_a_session_is_ended_from_elsewhere_and_only_by_its_owner(program: Program) -> None:
    here, there, stranger = (at_home(program, role) for role in ("developer", "developer", "outsider"))
    caller = program.callers["developer"]
    rows = caller.get("/me/sessions").body
    assert len(rows) == 2
    other = re.search(r"/account/sessions/(\d+)/end", text_of(here.get("/account/sessions")))
    assert other

    assert stranger.post(other[0]).status_code == 404
    assert there.get("/account/profile").status_code == 200
    assert here.post(other[0]).status_code == 303

    assert there.get("/account/profile").status_code == 303
    assert caller("DELETE", f"/me/sessions/{rows[0]['id']}").status in {204, 404}
    assert caller("DELETE", f"/me/sessions/{rows[1]['id']}").status in {204, 404}
    assert here.get("/account/profile").status_code == 303


def test_an_access_token_is_shown_once_and_revoked(program: Program) -> None:
    browser = at_home(program, "developer")
    confirm(browser, "/account/access-tokens/new")
    shown = text_of(browser.post("/account/access-tokens/new", {"name": "Pipeline", "lifetime": "7"}))
    secret = re.search(r"propylon_pat_[\w-]+", shown)
    assert secret
    caller = Caller(secret[0])
    assert caller.get("/me").status == 200
    page = text_of(browser.get("/account/access-tokens"))
    assert "Pipeline" in page
    assert secret[0] not in page
    revoke = next(each for each in re.findall(r'action="(/account/access-tokens/\w+/revoke)"', page))
    browser.post(revoke)
    assert 401 in {caller.get("/me").status, program.callers["developer"].get("/me").status}
