"""The customer's own page of consents (FEATURES O8): log in, look, withdraw. Real database, real web process's code."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import IDENTITY, PASSWORD, Bank, Caller, Party, approve, credentials, redemption
from propylon.audit.models import Event
from propylon.authserver.models import CustomerSession, Grant
from propylon.authserver.tasks import purge_expired
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark
from propylon.usage.models import CallRecord

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HERE = "/oauth/consents"
SAME_SITE = {"origin": "https://localhost:8443"}


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


def submit(browser: Caller, page: str, **form: str) -> httpx.Response:
    shown = browser.get(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.text)
    assert token, shown.text
    return browser.post(
        page, {"csrfmiddlewaretoken": token[1], **form}, SAME_SITE | {"referer": "https://localhost:8443/"}
    )


def log_in(browser: Caller, identity: str = IDENTITY, password: str = PASSWORD, **more: str) -> httpx.Response:
    return submit(browser, f"{HERE}/log-in", identity_number=identity, password=password, **more)


def text_of(answer: httpx.Response) -> str:
    main = answer.text[answer.text.find("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def called(grant: Grant, number: int, *, refusal: str = "", days_ago: int = 0) -> None:
    CallRecord.objects.create(
        tracking_id=f"00000000-0000-4000-8000-{number:012d}",
        at=timezone.now() - timedelta(days=days_ago),
        node="node-1",
        listener="public",
        method="GET",
        path="/sandbox/accounts/v1/accounts",
        status=401 if refusal else 200,
        refusal_code=refusal,
        grant_id=grant.public_id,
        duration_ms=5,
    )


def test_a_customer_sees_who_may_do_what_until_when_and_how_it_was_used(web: Party, browser: Caller) -> None:
    approve(browser, web, scope="openid accounts transactions")
    grant = Grant.objects.get()
    for number, days in enumerate((0, 1, 29, 31)):
        called(grant, number, days_ago=days)
    called(grant, 9, refusal="gateway.token.revoked")
    assert browser.get(HERE).headers["location"] == f"{HERE}/log-in"
    assert log_in(browser).headers["location"] == HERE
    page = browser.get(HERE)
    text = text_of(page)
    for part in (
        "Spending web 1",
        "Partner Ltd",
        "See your accounts",
        "See your transactions",
        "Recognise you when you come back",
        "Calls in 30 days 3",
    ):
        assert part in text
    assert grant.expires_at.isoformat()[:16] in page.text
    assert "Not yet" not in text
    assert page.headers["cache-control"] == "no-store"
    assert "script-src" not in page.headers["content-security-policy"]


def test_withdrawing_marks_the_grant_ends_its_tokens_and_tells_the_log(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    tokens = browser.token(redemption(code) | credentials(web)).json()
    grant = Grant.objects.get()
    log_in(browser)
    address = f"{HERE}/{grant.public_id}/withdraw"
    assert f'href="{address}"' in browser.get(HERE).text
    assert "Its next call is refused" in text_of(browser.get(address))
    assert Grant.objects.get().revoked_at is None, "looking withdraws nothing"
    assert submit(browser, address).headers["location"] == f"{HERE}?withdrawn={grant.public_id}"
    assert Grant.objects.get().revoked_at is not None
    assert Mark.objects.get(kind="grant").value == f"{grant.public_id}.1"
    event = Event.objects.get(action="grant.ended")
    assert (event.actor_kind, event.actor_id) == ("customer", "cus_maja")
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert browser.token(refresh | credentials(web)).json()["error"] == "invalid_grant"
    text = text_of(browser.get(HERE))
    assert "No application may use your data" in text
    assert "Ended" in text
    assert submit(browser, address).status_code == 303, "twice does no harm"
    assert Event.objects.filter(action="grant.ended").count() == 1


def test_another_customers_consent_is_unknown(bank: Bank, web: Party, browser: Caller) -> None:
    approve(browser, web)
    grant = Grant.objects.get()
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="1",
        name="Nils",
        password=PASSWORD,
        subject="cus_nils",
    )
    add_customer(
        acting_user=SYSTEM, environment="other", identity_number="1", name="Maja", password=PASSWORD, subject="cus_maja"
    )
    for more in ({"environment": "sandbox"}, {"environment": "other"}):
        stranger = Caller()
        assert log_in(stranger, "1", **more).status_code == 303
        assert "Spending" not in stranger.get(HERE).text
        assert stranger.get(f"{HERE}/{grant.public_id}/withdraw").status_code == 404
    assert Grant.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("identity", "password"), [(IDENTITY, "wrong"), ("nobody", PASSWORD), ("", ""), ("x" * 9999, "y" * 9999)]
)
def test_every_wrong_login_gets_the_same_answer(bank: Bank, browser: Caller, identity: str, password: str) -> None:
    answer = log_in(browser, identity, password)
    assert answer.status_code == 400
    assert "Identity number or password is not right" in text_of(answer)
    assert not CustomerSession.objects.exists()


def test_a_form_of_another_site_changes_nothing(web: Party, browser: Caller) -> None:
    approve(browser, web)
    log_in(browser)
    address = f"{HERE}/{Grant.objects.get().public_id}/withdraw"
    assert browser.post(address, {}, {"origin": "https://evil.example"}).status_code == 403
    assert Grant.objects.get().revoked_at is None


@pytest.mark.parametrize(("name", "minutes"), [("used_at", 11), ("begun_at", 61)])
def test_a_session_ends_by_itself(web: Party, browser: Caller, name: str, minutes: int) -> None:
    log_in(browser)
    assert browser.get(HERE).status_code == 200
    CustomerSession.objects.update(**{name: timezone.now() - timedelta(minutes=minutes)})
    assert browser.get(HERE).headers["location"] == f"{HERE}/log-in"
    purge_expired()
    assert not CustomerSession.objects.exists()


def test_logging_out_ends_it_for_every_copy_of_the_cookie(web: Party, browser: Caller) -> None:
    log_in(browser)
    copied = Caller()
    copied.cookies = httpx.Cookies(browser.cookies)
    page = browser.get(HERE)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    form = {"csrfmiddlewaretoken": token[1]}
    assert browser.post(f"{HERE}/log-out", form, SAME_SITE).headers["location"] == f"{HERE}/log-in"
    assert copied.get(HERE).status_code == 303
