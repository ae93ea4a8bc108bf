"""How customers sign in, what tokens say of it, and when more is asked: OpenID Connect Core, RFC 9470."""

from __future__ import annotations

import hashlib
import json
import re
import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import (
    ISSUER,
    Bank,
    Caller,
    Party,
    answer_of,
    approve,
    authorization,
    claims_of,
    credentials,
    hidden,
    log_in,
    redemption,
)
from propylon.audit.models import Event
from propylon.authserver.models import AuthorizationRequest, Grant
from propylon.catalog.models import Scope
from propylon.customers.models import Customer
from propylon.customers.second_step import SANDBOX_CODE
from propylon.notifications.models import Mail
from propylon.oauth.acr import ONE_STEP, TWO_STEPS
from propylon.oauth.tokens import at_hash

STEP = "/oauth/second-step"
ESSENTIAL = json.dumps({"id_token": {"acr": {"essential": True, "values": [TWO_STEPS]}}})


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


@pytest.fixture
def at_risk(bank: Bank) -> None:
    Scope.objects.filter(name="accounts").update(risk="high")


def step_page(browser: Caller, party: Party, **changes: str) -> httpx.Response:
    """The customer has logged in and is led on."""
    answer = log_in(browser, party, **changes)
    assert (answer.status_code, answer.headers.get("location", "").partition("?")[0]) == (303, STEP), answer.text
    page = browser.get(answer.headers["location"])
    assert page.status_code == 200
    return page


def give_code(browser: Caller, page: httpx.Response, code: str = SANDBOX_CODE) -> httpx.Response:
    return browser.post(STEP, {"request": hidden(page), "code": code})


def allow(browser: Caller, page: httpx.Response) -> dict[str, str]:
    return answer_of(browser.post("/oauth/consent", {"request": hidden(page), "decision": "allow"}))


def tokens(browser: Caller, party: Party, code: str) -> dict[str, str]:
    answer = browser.token(redemption(code) | credentials(party))
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    return body


def test_tokens_say_how_and_when_the_customer_signed_in_rfc9470_6(web: Party, browser: Caller) -> None:
    body = tokens(browser, web, approve(browser, web, scope="openid accounts")["code"])
    claims, told = claims_of(body["access_token"]), claims_of(body["id_token"])
    assert claims["acr"] == told["acr"] == ONE_STEP
    assert told["amr"] == ["pwd"]
    assert claims["auth_time"] == told["auth_time"]
    assert abs(claims["auth_time"] - time.time()) < 30


def test_the_id_token_names_its_access_token_oidc_core_3_1_3_6(web: Party, browser: Caller) -> None:
    body = tokens(browser, web, approve(browser, web, scope="openid accounts")["code"])
    assert claims_of(body["id_token"])["at_hash"] == at_hash(body["access_token"])


def test_a_refreshed_token_says_when_the_customer_signed_in_rfc9068_2_2_1(web: Party, browser: Caller) -> None:
    first = tokens(browser, web, approve(browser, web)["code"])
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(web)}
    second = claims_of(browser.token(form).json()["access_token"])
    assert (second["acr"], second["auth_time"]) == (ONE_STEP, claims_of(first["access_token"])["auth_time"])


def test_a_service_token_says_nothing_of_a_sign_in(bank: Bank, browser: Caller) -> None:
    server = bank.client("server")
    form = {"grant_type": "client_credentials", "client_id": server.id}
    claims = claims_of(browser.token(form, server.on_mutual()).json()["access_token"])
    assert not {"acr", "amr", "auth_time"} & claims.keys()


@pytest.mark.parametrize("asked", [{"acr_values": TWO_STEPS}, {"claims": ESSENTIAL}])
def test_a_stronger_way_is_asked_for_and_tokens_say_so_rfc9470_5(
    web: Party, browser: Caller, asked: dict[str, str]
) -> None:
    page = step_page(browser, web, scope="openid accounts", **asked)
    consent = browser.get(give_code(browser, page).headers["location"])
    body = tokens(browser, web, allow(browser, consent)["code"])
    told = claims_of(body["id_token"])
    assert (told["acr"], told["amr"]) == (TWO_STEPS, ["pwd", "otp", "mfa"])
    assert claims_of(body["access_token"])["acr"] == TWO_STEPS
    assert Event.objects.filter(action="customer.second_step").count() == 1


def test_a_scope_of_high_risk_needs_the_second_step(web: Party, browser: Caller, at_risk: None) -> None:
    page = step_page(browser, web, acr_values=ONE_STEP)
    assert SANDBOX_CODE in page.text
    assert 'autocomplete="one-time-code"' in page.text
    consent = browser.get(give_code(browser, page).headers["location"])
    assert claims_of(tokens(browser, web, allow(browser, consent)["code"])["access_token"])["acr"] == TWO_STEPS


def test_nobody_goes_around_the_second_step(web: Party, browser: Caller, at_risk: None) -> None:
    page = step_page(browser, web)
    for form in ({"decision": "allow"}, {}):
        answer = browser.post("/oauth/consent", {"request": hidden(page), **form})
        assert answer.headers["location"].startswith(STEP)
    assert not Grant.objects.exists()
    assert AuthorizationRequest.objects.get().acr == ONE_STEP


def test_a_wrong_code_may_be_tried_again_five_times_in_all(web: Party, browser: Caller, at_risk: None) -> None:
    page = step_page(browser, web)
    for _ in range(4):
        again = give_code(browser, page, "000000")
        assert (again.status_code, "step-problem" in again.text) == (200, True)
    ended = give_code(browser, page, "000000")
    assert answer_of(ended)["error"] == "unmet_authentication_requirements"
    assert (answer_of(ended)["state"], answer_of(ended)["iss"]) == ("s1", ISSUER)
    assert give_code(browser, page).status_code == 400
    assert not Grant.objects.exists()


def test_codes_cannot_be_guessed_by_beginning_again_and_again(web: Party, browser: Caller, at_risk: None) -> None:
    for _ in range(3):
        page = step_page(browser, web)
        ended = [give_code(browser, page, "000000") for _ in range(5)][-1]
        assert answer_of(ended)["error"] == "unmet_authentication_requirements"
    assert answer_of(give_code(browser, step_page(browser, web)))["error"] == "unmet_authentication_requirements"
    AuthorizationRequest.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert give_code(browser, step_page(browser, web)).headers["location"].startswith("/oauth/consent")


def test_who_has_no_second_step_reads_it_and_the_client_learns_it_rfc9470_5(
    web: Party, browser: Caller, at_risk: None
) -> None:
    Customer.objects.update(is_sandbox_identity=False)
    page = step_page(browser, web)
    assert 'name="code"' not in page.text
    assert SANDBOX_CODE not in page.text
    answer = browser.post(STEP, {"request": hidden(page), "code": SANDBOX_CODE})
    assert answer_of(answer)["error"] == "unmet_authentication_requirements"
    assert not Grant.objects.exists()


def test_customers_get_their_code_by_mail_and_one_for_each_login(web: Party, browser: Caller, at_risk: None) -> None:
    Customer.objects.update(is_sandbox_identity=False, email="maja@mail.example")
    page = step_page(browser, web)
    assert "m…@mail.example" in page.text
    assert "maja@mail.example" not in page.text
    assert browser.get(STEP, request=hidden(page)).status_code == 200
    mail = Mail.objects.get()
    found = re.search(r"\b(\d{6})\b", mail.body)
    assert found
    assert mail.to == "maja@mail.example"
    assert found[1] not in page.text
    assert "step-problem" in give_code(browser, page, f"{(int(found[1]) + 1) % 1_000_000:06d}").text
    consent = browser.get(give_code(browser, page, f" {found[1][:3]} {found[1][3:]}").headers["location"])
    assert claims_of(tokens(browser, web, allow(browser, consent)["code"])["access_token"])["acr"] == TWO_STEPS


def test_a_code_of_one_page_is_none_on_another(web: Party, browser: Caller, at_risk: None) -> None:
    Customer.objects.update(is_sandbox_identity=False, email="maja@mail.example")
    pages = [step_page(browser, web), step_page(browser, web)]
    codes = [re.findall(r"\b(\d{6})\b", mail.body)[0] for mail in Mail.objects.order_by("pk")]
    if codes[0] != codes[1]:
        assert "step-problem" in give_code(browser, pages[0], codes[1]).text
    digests = set(AuthorizationRequest.objects.values_list("step_digest", flat=True))
    assert len(digests) == 2
    assert not {hashlib.sha256(code.encode()).hexdigest() for code in codes} & digests


def test_a_voluntary_wish_that_cannot_be_met_is_passed_over_oidc_core_5_5_1_1(web: Party, browser: Caller) -> None:
    Customer.objects.update(is_sandbox_identity=False)
    code = approve(browser, web, acr_values=TWO_STEPS)["code"]
    assert claims_of(tokens(browser, web, code)["access_token"])["acr"] == ONE_STEP


def test_an_essential_wish_that_cannot_be_met_is_not_oidc_core_5_5_1_1(web: Party, browser: Caller) -> None:
    Customer.objects.update(is_sandbox_identity=False)
    page = step_page(browser, web, claims=ESSENTIAL)
    assert "error" in answer_of(browser.post(STEP, {"request": hidden(page)}))
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":{"essential":true,"value":"x"}}}'}, "unmet_authentication_requirements"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
    ],
)
def test_what_cannot_be_followed_goes_back_to_the_client_oidc_core_3_1_2_6(
    web: Party, browser: Caller, asked: dict[str, str], error: str
) -> None:
    answer = browser.get("/oauth/authorize", **authorization(web, **asked))
    assert (answer.status_code, answer_of(answer)["error"], answer_of(answer)["iss"]) == (303, error, ISSUER)
    assert not AuthorizationRequest.objects.exists()


def test_every_login_is_newer_than_any_max_age_oidc_core_3_1_2_1(web: Party, browser: Caller) -> None:
    before = int(time.time())
    for prompt in ("login", "consent select_account"):
        code = approve(browser, web, scope="openid accounts", max_age="0", prompt=prompt)["code"]
        assert claims_of(tokens(browser, web, code)["id_token"])["auth_time"] >= before


def test_a_hint_names_the_customer_who_must_sign_in_oidc_core_3_1_2_1(bank: Bank, web: Party, browser: Caller) -> None:
    hint = tokens(browser, web, approve(browser, web, scope="openid accounts")["code"])["id_token"]
    assert "code" in approve(browser, web, id_token_hint=hint)
    other = bank.client("web", method="client_secret_post")
    refused = browser.get("/oauth/authorize", **authorization(other, id_token_hint=hint))
    assert answer_of(refused)["error"] == "invalid_request"
    Customer.objects.update(subject="cus_other")
    for asked in ({"id_token_hint": hint}, {"claims": '{"id_token":{"sub":{"value":"cus_maja"}}}'}):
        grants = Grant.objects.count()
        assert answer_of(log_in(browser, web, **asked))["error"] == "login_required"
        assert Grant.objects.count() == grants


def test_an_access_token_is_no_hint(web: Party, browser: Caller) -> None:
    token = tokens(browser, web, approve(browser, web)["code"])["access_token"]
    refused = browser.get("/oauth/authorize", **authorization(web, id_token_hint=token))
    assert answer_of(refused)["error"] == "invalid_request"


def test_pages_speak_the_language_that_the_client_wishes_oidc_core_3_1_2_1(web: Party, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(web, ui_locales="xx sv-SE en"))
    assert '<html lang="sv"' in page.text
    again = browser.get("/oauth/login", request=hidden(page))
    assert '<html lang="sv"' in again.text
    assert '<html lang="en"' in Caller().get("/oauth/authorize", **authorization(web)).text


def test_the_metadata_claims_it_oidc_discovery_3(bank: Bank, browser: Caller) -> None:
    told = browser.get("/.well-known/openid-configuration").json()
    assert told["acr_values_supported"] == [ONE_STEP, TWO_STEPS]
    assert told["claims_parameter_supported"] is True
    assert {"acr", "amr", "auth_time", "at_hash"} <= set(told["claims_supported"])
    assert told["prompt_values_supported"] == ["none", "login", "consent", "select_account"]


def test_a_login_hint_stands_in_the_field_and_nowhere_else_oidc_core_3_1_2_1(web: Party, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(web, login_hint='199001019876"><b>'))
    assert 'value="199001019876&quot;&gt;&lt;b&gt;"' in page.text
    assert "<b>" not in page.text
    assert AuthorizationRequest.objects.get().subject == ""


def test_a_pushed_wish_counts_as_one_in_the_address_rfc9126_2_1(web: Party, browser: Caller) -> None:
    form = authorization(web, acr_values=TWO_STEPS) | credentials(web)
    pushed = browser.post("/oauth/par", form).json()
    assert step_page(browser, web, request_uri=pushed["request_uri"])
    form = authorization(web, prompt="none") | credentials(web)
    silent = browser.get("/oauth/authorize", client_id=web.id, **_pushed(browser, form))
    assert (silent.status_code, answer_of(silent)["error"]) == (303, "login_required")


def _pushed(browser: Caller, form: dict[str, str]) -> dict[str, str]:
    return {"request_uri": browser.post("/oauth/par", form).json()["request_uri"]}


def test_another_browser_cannot_take_the_second_step(web: Party, browser: Caller, at_risk: None) -> None:
    page = step_page(browser, web)
    assert give_code(Caller(), page).status_code == 400
    assert AuthorizationRequest.objects.get().acr == ONE_STEP
