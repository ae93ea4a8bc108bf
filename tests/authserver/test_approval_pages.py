"""The customer's page of waiting questions (CIBA): log in, compare, approve or deny. Plain forms, stable ids."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from approvals import question
from authserver.bank import IDENTITY, PASSWORD, Bank, Caller, Party
from propylon.audit.models import Event
from propylon.customers.accounts import Account, set_accounts
from propylon.customers.actions import add_customer
from propylon.customers.models import Approval, Customer
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HERE, LOG_IN = "/oauth/approvals", "/oauth/consents/log-in?to=approvals"
SAME_SITE = {"origin": "https://localhost:8443", "referer": "https://localhost:8443/"}


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def log_in(browser: Caller, identity: str = IDENTITY) -> httpx.Response:
    form = {"csrfmiddlewaretoken": token_in(browser.get(LOG_IN)), "identity_number": identity, "password": PASSWORD}
    answer = browser.post(LOG_IN, form, SAME_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE), answer.text
    return browser.get(HERE)


def answer(browser: Caller, page: httpx.Response, approval_id: str, word: str) -> httpx.Response:
    return browser.post(f"{HERE}/{approval_id}", {"csrfmiddlewaretoken": token_in(page), "answer": word}, SAME_SITE)


def stands(approval_id: str) -> str:
    return Approval.objects.get(public_id=approval_id).answer


def test_who_has_not_logged_in_is_sent_to_log_in_and_comes_back(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja")
    for there in (browser.get(HERE), browser.post(f"{HERE}/{asked}", {"answer": "approve"}, SAME_SITE)):
        assert there.status_code in {303, 403}
    assert browser.get(HERE).headers["location"] == LOG_IN
    assert "Waiting for your answer" in browser.get(LOG_IN).text
    assert stands(asked) == ""
    assert "W4SCT" in log_in(browser).text


def test_the_page_says_who_asks_for_what_until_when_with_stable_ids(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja", message="<b>Blue whale</b>")
    page = log_in(browser)
    for words in (web.row.application.name, "Partner Ltd", "&lt;b&gt;Blue whale", "See your accounts", "Recognise you"):
        assert words in page.text
    for name in (f"form-{asked}", f"approve-{asked}", f"deny-{asked}", f"message-{asked}", "look-again"):
        assert f'id="{name}"' in page.text
    assert "<script" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("word", "stored", "told"), [("approve", "approved", "Approved."), ("deny", "denied", "Denied.")]
)
def test_one_press_answers_once(bank: Bank, web: Party, browser: Caller, word: str, stored: str, told: str) -> None:
    asked = question(web.row, "cus_maja")
    page = log_in(browser)
    done = answer(browser, page, asked, word)
    assert (done.status_code, stands(asked)) == (303, stored)
    after = browser.get(done.headers["location"])
    assert told in after.text
    assert "W4SCT" not in after.text
    row = Approval.objects.get()
    assert row.authenticated_at is not None
    assert abs(row.authenticated_at - timezone.now()) < timedelta(seconds=30)
    again = answer(browser, page, asked, "deny" if word == "approve" else "approve")
    assert (again.status_code, stands(asked)) == (409, stored)
    assert "Nothing was changed" in again.text
    event = Event.objects.get(action__in=["approval.given", "approval.denied"])
    assert (event.actor_kind, event.actor_id) == ("customer", "cus_maja")


def test_where_accounts_are_asked_for_the_page_offers_them_and_a_yes_needs_one(
    bank: Bank, web: Party, browser: Caller
) -> None:
    asked = question(web.row, "cus_maja")
    Approval.objects.update(asks_accounts=True)
    page = log_in(browser)
    assert "nothing to allow" in page.text
    assert f'id="approve-{asked}"' not in page.text
    maja = Customer.objects.get(subject="cus_maja")
    set_accounts(acting_user=SYSTEM, customer=maja, accounts=[Account("a-1", "Salary"), Account("a-2", "Savings")])
    page = browser.get(HERE)
    assert "Savings" in page.text
    assert f'id="account-{asked}-2"' in page.text
    refused = answer(browser, page, asked, "approve")
    assert refused.status_code == 400
    assert "Choose the accounts first" in refused.text
    assert stands(asked) == ""
    form = {"csrfmiddlewaretoken": token_in(page), "answer": "approve", "account": "a-2"}
    assert browser.post(f"{HERE}/{asked}", form, SAME_SITE).status_code == 303
    assert Approval.objects.get().accounts == ["a-2"]


def test_too_late_is_too_late(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja")
    page = log_in(browser)
    Approval.objects.update(expires_at=timezone.now())
    assert answer(browser, page, asked, "approve").status_code == 409
    assert stands(asked) == ""
    assert "Nothing waits for you" in browser.get(HERE).text


def test_a_word_that_is_no_answer_changes_nothing(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja")
    page = log_in(browser)
    for word in ("", "yes", "approved"):
        assert answer(browser, page, asked, word).status_code == 303
    assert stands(asked) == ""


def test_nobody_sees_or_answers_anothers_question(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja")
    elsewhere = question(web.row, "cus_lars", environment="production", message="Elsewhere")
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="198001011234",
        name="Lars",
        password=PASSWORD,
        subject="cus_lars",
    )
    page = log_in(browser, "198001011234")
    assert "W4SCT" not in page.text
    assert "Elsewhere" not in page.text
    for foreign in (asked, elsewhere, "apr_unknown"):
        assert answer(browser, page, foreign, "approve").status_code == 404
    assert stands(asked) == stands(elsewhere) == ""


def test_a_forged_form_answers_nothing(bank: Bank, web: Party, browser: Caller) -> None:
    asked = question(web.row, "cus_maja")
    log_in(browser)
    for headers in (SAME_SITE, {"origin": "https://evil.example"}):
        assert browser.post(f"{HERE}/{asked}", {"answer": "approve"}, headers).status_code == 403
    assert stands(asked) == ""


def test_the_consents_page_says_that_something_waits(bank: Bank, web: Party, browser: Caller) -> None:
    log_in(browser)
    assert 'id="questions"' not in browser.get("/oauth/consents").text
    question(web.row, "cus_maja")
    assert 'id="questions"' in browser.get("/oauth/consents").text
