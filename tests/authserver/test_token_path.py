"""What the token path keeps in the database, each rule by itself: tests/mutation/token_path.py breaks them all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.utils import timezone

from authserver.bank import (
    ISSUER,
    Bank,
    Caller,
    Party,
    approve,
    authorization,
    claims_of,
    credentials,
    hidden,
    log_in,
    log_in_at,
    redemption,
)
from authserver.details import PAYMENT, SAVINGS, add_types, text
from authserver.test_private_key_jwt import KEY, by_key
from authserver.test_rich_requests import tokens as tokens_of_details
from propylon.applications.actions import set_public_keys
from propylon.applications.models import Client
from propylon.authserver.actions import end_grant
from propylon.authserver.customer_session import COOKIE, begin_session
from propylon.authserver.grant_tokens import end_tokens_of_grant
from propylon.authserver.interactions import REQUEST_URI_PREFIX, allow, find_open, finish
from propylon.authserver.login_pages import BROWSER_COOKIE
from propylon.authserver.models import (
    AuthorizationCode,
    AuthorizationRequest,
    CustomerSession,
    Grant,
    LoginSession,
    RefreshToken,
)
from propylon.catalog.models import Scope
from propylon.customers.models import Customer
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.secret import Secret
from propylon.oauth.account_choice import Granted
from propylon.oauth.errors import OAuthError
from rsgi_transport import RsgiTransport


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


@pytest.fixture
def fapi(bank: Bank) -> Party:
    return bank.client("web", profile="fapi2")


def tokens(browser: Caller, party: Party, **changes: str) -> dict[str, Any]:
    answer = browser.token(redemption(approve(browser, party, **changes)["code"]) | credentials(party))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refresh(browser: Caller, party: Party, token: str) -> httpx.Response:
    return browser.token({"grant_type": "refresh_token", "refresh_token": token} | credentials(party))


def is_active(browser: Caller, party: Party, token: str) -> bool:
    return bool(browser.post("/oauth/introspect", {"token": token} | credentials(party)).json()["active"])


def is_shown(answer: httpx.Response) -> bool:
    """An error on our own page, that leads nowhere."""
    return (answer.status_code, "location" in answer.headers) == (400, False)


def push(browser: Caller, party: Party) -> str:
    answer = browser.post("/oauth/par", authorization(party), party.on_mutual())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_uri"])


# ── codes and refresh tokens ──


def test_a_code_is_for_sixty_seconds_fapi2_5_3_2_1(web: Party, browser: Caller) -> None:
    approve(browser, web)
    assert AuthorizationCode.objects.get().expires_at <= timezone.now() + timedelta(seconds=60)


def test_a_code_of_an_ended_grant_is_refused_rfc6749_5_2(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    Grant.objects.update(revoked_at=timezone.now())
    assert browser.token(redemption(code) | credentials(web)).json()["error"] == "invalid_grant"
    assert not RefreshToken.objects.exists()


def test_a_refresh_token_never_outlives_its_grant_rfc6749_1_5(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    ends_at = timezone.now() + timedelta(days=1)
    Grant.objects.update(expires_at=ends_at)
    assert browser.token(redemption(code) | credentials(web)).status_code == 200
    assert RefreshToken.objects.get().expires_at == ends_at


def test_a_refresh_token_can_end_alone_rfc6749_5_2(web: Party, browser: Caller) -> None:
    found = tokens(browser, web)
    RefreshToken.objects.update(revoked_at=timezone.now())
    assert refresh(browser, web, found["refresh_token"]).json()["error"] == "invalid_grant"
    assert Grant.objects.get().revoked_at is None


def test_a_grants_end_is_the_end_of_its_refresh_tokens_rfc7009_2_1(web: Party, browser: Caller) -> None:
    tokens(browser, web)
    end_grant(acting_user=SYSTEM, grant=Grant.objects.get(), reason="test")
    assert RefreshToken.objects.get().revoked_at is not None


def test_an_assertion_counts_once_for_a_code_too_rfc7523_3(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="private_key_jwt")
    party.secret = ""
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    sent = by_key(party)
    assert browser.token(redemption(approve(browser, party)["code"]) | sent).status_code == 200
    again = browser.token(redemption(approve(browser, party)["code"]) | sent)
    assert again.json()["error"] == "invalid_client"
    assert AuthorizationCode.objects.filter(used_at=None).count() == 1


def test_what_details_stand_for_is_no_scope_of_the_refresh_token_rfc9396_6(bank: Bank, browser: Caller) -> None:
    add_types(bank)
    party = bank.client("web", method="client_secret_post", products=(bank.accounts, bank.payments))
    given = tokens_of_details(browser, party, text(PAYMENT), account__0=SAVINGS.id)
    assert given["scope"] == "payments"
    assert RefreshToken.objects.get().scope == ""


# ── requests ──


def test_a_request_uri_has_the_end_that_the_answer_tells_rfc9126_2_2(fapi: Party, browser: Caller) -> None:
    push(browser, fapi)
    assert AuthorizationRequest.objects.get().expires_at <= timezone.now() + timedelta(seconds=120)


def test_what_was_not_pushed_is_no_request_uri_rfc9126_2_2(bank: Bank, fapi: Party, browser: Caller) -> None:
    web = bank.client("web", method="client_secret_post")
    reference = hidden(browser.get("/oauth/authorize", **authorization(web)))
    assert is_shown(browser.get("/oauth/authorize", client_id=web.id, request_uri=REQUEST_URI_PREFIX + reference))
    bare = push(browser, fapi).removeprefix(REQUEST_URI_PREFIX)
    assert is_shown(browser.get("/oauth/authorize", client_id=fapi.id, request_uri=bare))


def test_a_request_uri_that_was_answered_opens_no_page_anywhere_rfc9126_4(fapi: Party, browser: Caller) -> None:
    uri = push(browser, fapi)
    reference = hidden(log_in_at(browser, browser.get("/oauth/authorize", client_id=fapi.id, request_uri=uri)))
    assert browser.post("/oauth/consent", {"request": reference, "decision": "deny"}).status_code == 303
    for each in (browser, Caller()):
        assert is_shown(each.get("/oauth/authorize", client_id=fapi.id, request_uri=uri))


def test_two_pages_of_one_pushed_request_have_one_answer_rfc9126_4(fapi: Party, browser: Caller) -> None:
    uri = push(browser, fapi)
    first = hidden(log_in_at(browser, browser.get("/oauth/authorize", client_id=fapi.id, request_uri=uri)))
    second = hidden(log_in_at(browser, browser.get("/oauth/authorize", client_id=fapi.id, request_uri=uri)))
    assert browser.post("/oauth/consent", {"request": first, "decision": "deny"}).status_code == 303
    assert is_shown(browser.get("/oauth/consent", request=second))
    assert is_shown(browser.post("/oauth/consent", {"request": second, "decision": "allow"}))
    assert not Grant.objects.exists()


def test_an_answer_counts_once_whoever_is_quicker_rfc9126_4(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    row = AuthorizationRequest.objects.get()
    finish(row)
    with pytest.raises(OAuthError, match="already answered"):
        finish(row)


def test_an_answered_page_is_no_page_any_more(web: Party, browser: Caller) -> None:
    reference = hidden(log_in(browser, web))
    assert browser.post("/oauth/consent", {"request": reference, "decision": "allow"}).status_code == 303
    assert is_shown(browser.get("/oauth/consent", request=reference))


def test_a_page_ends_with_its_client(web: Party, browser: Caller) -> None:
    reference = hidden(log_in(browser, web))
    Client.objects.update(status="rejected")
    assert is_shown(browser.post("/oauth/consent", {"request": reference, "decision": "allow"}))
    assert not Grant.objects.exists()


# ── customers ──


@pytest.mark.parametrize("decision", ["", "perhaps", "ALLOW"])
def test_neither_yes_nor_no_is_no_answer(web: Party, browser: Caller, decision: str) -> None:
    reference = hidden(log_in(browser, web))
    assert is_shown(browser.post("/oauth/consent", {"request": reference, "decision": decision}))
    assert not Grant.objects.exists()


def test_nobody_goes_around_allow_without_the_second_step_rfc9470_5(web: Party, browser: Caller) -> None:
    reference = hidden(log_in(browser, web))
    Scope.objects.filter(name="accounts").update(risk="high")
    row, client = find_open(reference, Secret(browser.cookies[BROWSER_COOKIE]))
    with pytest.raises(OAuthError, match="strongly enough"):
        allow(acting_user=Actor("customer", row.subject, "x"), row=row, client=client, granted=Granted((), {}))
    assert not Grant.objects.exists()


def test_no_second_step_without_the_first_rfc9470_5(web: Party, browser: Caller) -> None:
    Scope.objects.filter(name="accounts").update(risk="high")
    reference = hidden(browser.get("/oauth/authorize", **authorization(web)))
    answer = browser.get("/oauth/second-step", request=reference)
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/oauth/login?request={reference}")


def test_details_have_the_risk_of_their_scope_rfc9396_3(bank: Bank, browser: Caller) -> None:
    add_types(bank)
    party = bank.client("web", method="client_secret_post", products=(bank.accounts, bank.payments))
    Scope.objects.filter(name="payments").update(risk="high")
    answer = log_in(browser, party, scope="", authorization_details=text(PAYMENT))
    assert answer.headers.get("location", "").startswith("/oauth/second-step?")


def test_a_hint_is_an_id_token_of_this_client_oidc_core_3_1_2_1(bank: Bank, web: Party, browser: Caller) -> None:
    hint = tokens(browser, web, scope="openid accounts")["id_token"]
    other = bank.client("web", method="client_secret_post")
    answer = browser.get("/oauth/authorize", **authorization(other, id_token_hint=hint))
    assert "error=invalid_request" in answer.headers.get("location", "")
    assert "error=" not in browser.get("/oauth/authorize", **authorization(web, id_token_hint=hint)).text


def test_a_login_counts_in_its_environment_whatever_the_cookies_name_says(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    assert browser.get("/oauth/authorize", **authorization(web)).status_code == 303, "the password is spared"
    LoginSession.objects.update(environment="another")
    assert 'id="login-form"' in browser.get("/oauth/authorize", **authorization(web)).text


def test_prompt_none_of_another_customer_is_login_required_oidc_core_3_1_2_6(web: Party, browser: Caller) -> None:
    approve(browser, web)
    assert "code=" in browser.get("/oauth/authorize", **authorization(web, prompt="none")).headers["location"]
    Grant.objects.update(subject="cus_other")
    answer = browser.get("/oauth/authorize", **authorization(web, prompt="none"))
    assert "error=login_required" in answer.headers["location"]


def test_the_answer_comes_from_a_form_and_not_from_an_address_rp_logout_6(bank: Bank, browser: Caller) -> None:
    response = HttpResponse()
    begin_session(response, customer=Customer.objects.get())
    browser.cookies.set(COOKIE, response.cookies[COOKIE].value)
    answer = browser.get("/oauth/end-session", answer="log_out")
    assert (answer.status_code, 'name="answer"' in answer.text) == (200, True)
    assert CustomerSession.objects.exists()


# ── who may revoke and ask ──


def test_every_endpoint_asks_where_the_client_calls_from_features_c2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post", ranges=("10.0.0.0/8",))
    for path in ("/oauth/par", "/oauth/revoke", "/oauth/introspect", "/oauth/bc-authorize"):
        form = authorization(party) | credentials(party) | {"token": "x"}
        answer = browser.post(path, form, {"x-propylon-source-address": "192.0.2.1"})
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client"), path
    assert not AuthorizationRequest.objects.exists()


def test_the_token_is_named_rfc7009_2_1_rfc7662_2_1(web: Party, browser: Caller) -> None:
    for path in ("/oauth/revoke", "/oauth/introspect"):
        answer = browser.post(path, credentials(web))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), path


def test_an_id_token_is_no_access_token_rfc9068_4(web: Party, browser: Caller) -> None:
    found = tokens(browser, web, scope="openid accounts")
    asked = browser.ask("GET", "/oauth/userinfo", headers={"authorization": f"Bearer {found['id_token']}"})
    assert asked.status_code == 401
    assert not is_active(browser, web, found["id_token"])


@pytest.mark.parametrize("name", ["DPoP", "Authorization", "Content-Type"])
def test_a_header_that_comes_in_two_lines_is_refused_rfc9449_4_3(bank: Bank, name: str) -> None:
    async def ask() -> httpx.Response:
        from propylon.project.rsgi import application

        usual = [("content-type", "application/x-www-form-urlencoded")]
        async with httpx.AsyncClient(transport=RsgiTransport(application), base_url=ISSUER) as client:
            sent = [*usual, *(usual * (name == "Content-Type") or [(name, "a"), (name, "a")])]
            return await client.post("/oauth/token", content="grant_type=client_credentials", headers=sent)

    answer = async_to_sync(ask)()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "more than once" in answer.json()["error_description"]


def test_a_revoked_access_token_is_inactive_rfc7662_2_2(web: Party, browser: Caller) -> None:
    found, other = tokens(browser, web), tokens(browser, web)
    form = {"token": found["access_token"]} | credentials(web)
    assert browser.post("/oauth/revoke", form).status_code == 200
    assert not is_active(browser, web, found["access_token"])
    assert is_active(browser, web, other["access_token"])


def test_an_access_token_is_no_id_token_rp_logout_2(web: Party, browser: Caller) -> None:
    found = tokens(browser, web, scope="openid accounts")
    assert browser.get("/oauth/end-session", id_token_hint=found["id_token"]).status_code == 200
    assert is_shown(browser.get("/oauth/end-session", id_token_hint=found["access_token"]))


def test_no_dead_refresh_token_is_active_rfc7662_2_2(web: Party, browser: Caller) -> None:
    token = tokens(browser, web)["refresh_token"]
    past, lives = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(days=1)
    for model, name, dead, alive in (
        (RefreshToken, "rotated_at", past, None),
        (RefreshToken, "revoked_at", past, None),
        (RefreshToken, "expires_at", past, lives),
        (Grant, "revoked_at", past, None),
        (Grant, "expires_at", past, lives),
    ):
        assert is_active(browser, web, token)
        model.objects.update(**{name: dead})
        assert not is_active(browser, web, token), (model, name)
        model.objects.update(**{name: alive})


def test_a_stopped_generation_of_a_grant_is_inactive_rfc7662_2_2(web: Party, browser: Caller) -> None:
    found = tokens(browser, web)
    grant = Grant.objects.get()
    end_tokens_of_grant(acting_user=SYSTEM, grant=grant, reason="test")
    assert not is_active(browser, web, found["access_token"])
    again = refresh(browser, web, found["refresh_token"]).json()
    assert is_active(browser, web, again["access_token"])
    assert claims_of(again["access_token"])["ggn"] != claims_of(found["access_token"])["ggn"]
