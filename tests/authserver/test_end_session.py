"""OpenID Connect RP-Initiated Logout 1.0: the customer is asked, logged out, and sent to registered addresses alone."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from django.http import HttpResponse

from authserver.bank import ISSUER, Bank, Caller, Party, approve, authorization, credentials, hidden, redemption
from propylon.authserver.customer_session import COOKIE, begin_session
from propylon.authserver.logout_addresses import set_logout_addresses
from propylon.authserver.models import AuthorizationRequest, CustomerSession
from propylon.customers.models import Customer
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

HERE = "/oauth/end-session"
AFTER = "https://partner.example/bye?lang=sv"


@pytest.fixture
def web(bank: Bank) -> Party:
    party = bank.client("web", method="client_secret_post")
    set_logout_addresses(acting_user=SYSTEM, client=party.row, uris=[AFTER])
    return party


def id_token(browser: Caller, party: Party) -> str:
    form = redemption(approve(browser, party, scope="openid accounts")["code"]) | credentials(party)
    token: str = browser.token(form).json()["id_token"]
    return token


def log_in(browser: Caller) -> None:
    """At the pages of the customer's own consents."""
    response = HttpResponse()
    begin_session(response, customer=Customer.objects.get())
    browser.cookies.set(COOKIE, response.cookies[COOKIE].value)


def answered(browser: Caller, page: httpx.Response, **headers: str) -> httpx.Response:
    fields = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }
    return browser.post(HERE, {**fields, "answer": "log_out"}, headers)


def refused(browser: Caller, **sent: str) -> None:
    answer = browser.get(HERE, **sent)
    assert (answer.status_code, 'id="error-code">invalid_request<' in answer.text) == (400, True), answer.text
    assert "location" not in answer.headers


def test_the_customer_is_asked_and_then_logged_out_and_sent_back_rp_logout_2_and_3(web: Party, browser: Caller) -> None:
    hint = id_token(browser, web)
    log_in(browser)
    page = browser.get(HERE, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s&1")
    assert (page.status_code, "Spending web" in page.text) == (200, True)
    assert CustomerSession.objects.count() == 1
    answer = answered(browser, page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{AFTER}&state=s%261")
    assert not CustomerSession.objects.exists()
    assert browser.get("/oauth/consents").status_code == 303


@pytest.mark.parametrize("named", [True, False])
def test_without_an_address_a_page_says_it_rp_logout_2(web: Party, browser: Caller, named: bool) -> None:
    log_in(browser)
    answer = answered(browser, browser.get(HERE, **({"client_id": web.id} if named else {})))
    assert (answer.status_code, 'id="logged-out"' in answer.text) == (200, True)
    assert not CustomerSession.objects.exists()


def test_an_open_request_of_this_browser_is_over(web: Party, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(web))
    reference = hidden(page)
    answered(browser, browser.get(HERE))
    assert browser.get("/oauth/login", request=reference).status_code == 400
    assert AuthorizationRequest.objects.get().subject == ""


def test_nobody_is_sent_to_an_unregistered_address_rp_logout_3(bank: Bank, web: Party, browser: Caller) -> None:
    hint, other = id_token(browser, web), bank.client("web", method="client_secret_post")
    for uri in ("https://evil.example/", AFTER + "&x=1", "https://partner.example/bye", "javascript:alert(1)"):
        refused(browser, id_token_hint=hint, post_logout_redirect_uri=uri)
    refused(browser, post_logout_redirect_uri=AFTER)
    refused(browser, client_id=other.id, post_logout_redirect_uri=AFTER)
    refused(browser, client_id="nobody", post_logout_redirect_uri=AFTER)


def test_hint_and_client_must_agree_and_the_hint_be_ours_rp_logout_2(bank: Bank, web: Party, browser: Caller) -> None:
    hint, other = id_token(browser, web), bank.client("web", method="client_secret_post")
    refused(browser, id_token_hint=hint, client_id=other.id)
    refused(browser, id_token_hint="a.b.c")
    refused(browser, client_id=web.id, state="x" * 2001)


def test_another_site_cannot_log_anybody_out_rp_logout_6(web: Party, browser: Caller) -> None:
    log_in(browser)
    asked = browser.post(HERE, {"client_id": web.id})
    assert (asked.status_code, "end-session-form" in asked.text) == (200, True)
    forged = answered(browser, asked, **{"sec-fetch-site": "cross-site"})
    assert forged.status_code == 400
    assert CustomerSession.objects.count() == 1


def test_the_metadata_names_it_rp_logout_2_1(browser: Caller, db: None) -> None:
    assert browser.get("/.well-known/openid-configuration").json()["end_session_endpoint"] == ISSUER + HERE


@pytest.mark.parametrize("wrong", [["http://partner.example/"], ["https://a.example/*"], [AFTER, AFTER], ["bye"]])
def test_what_is_registered_is_checked_as_redirect_uris_are(web: Party, wrong: list[str]) -> None:
    with pytest.raises(PropylonError) as caught:
        set_logout_addresses(acting_user=SYSTEM, client=web.row, uris=wrong)
    assert caught.value.code == "client.logout_uris.invalid"
    assert list(web.row.logout_addresses.values_list("uri", flat=True)) == [AFTER]
