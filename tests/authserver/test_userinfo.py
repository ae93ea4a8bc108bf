"""UserInfo, OpenID Connect Core section 5.3; its tokens by RFC 6750, RFC 8705 section 3 and RFC 9449 section 7."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import ISSUER, Bank, Caller, Party, approve, credentials, redemption
from oauth.proofs import key_for, proof
from propylon.applications.models import Client
from propylon.authserver.actions import end_grant, revoke_access_token
from propylon.authserver.issued import verified_claims
from propylon.authserver.models import Grant
from propylon.kernel.actor import SYSTEM

HERE = "/oauth/userinfo"


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


def token_of(browser: Caller, party: Party, scope: str = "openid accounts", **headers: str) -> str:
    code = approve(browser, party, scope=scope)["code"]
    answer = browser.token(redemption(code) | credentials(party), headers)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def ask(browser: Caller, token: str, scheme: str = "Bearer", method: str = "GET", **headers: str) -> httpx.Response:
    return browser.ask(method, HERE, headers={"authorization": f"{scheme} {token}", **headers})


def refused(answer: httpx.Response, error: str = "invalid_token", status: int = 401) -> None:
    assert (answer.status_code, answer.json().get("error", "")) == (status, error), answer.text
    assert "sub" not in answer.json()
    assert error in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("method", "scheme"), [("GET", "Bearer"), ("POST", "Bearer"), ("GET", "bEaReR")])
def test_the_subject_is_the_one_of_the_id_token_oidc_core_5_3(
    web: Party, browser: Caller, method: str, scheme: str
) -> None:
    answer = ask(browser, token_of(browser, web), scheme, method)
    assert (answer.status_code, answer.json()) == (200, {"sub": "cus_maja"})
    assert answer.headers["cache-control"] == "no-store"


def test_without_a_token_nothing_is_said_of_an_error_rfc6750_3(web: Party, browser: Caller) -> None:
    for headers in ({}, {"authorization": "Basic eDp5"}, {"authorization": "Bearer "}):
        answer = browser.ask("GET", HERE, headers=headers)
        assert (answer.status_code, answer.json(), answer.headers["www-authenticate"]) == (401, {}, "Bearer")


def test_without_openid_it_is_insufficient_rfc6750_3_1(web: Party, browser: Caller) -> None:
    answer = ask(browser, token_of(browser, web, "accounts"))
    refused(answer, "insufficient_scope", 403)
    assert 'scope="openid"' in answer.headers["www-authenticate"]


def test_a_token_in_the_address_is_no_token(web: Party, browser: Caller) -> None:
    assert browser.get(HERE, access_token=token_of(browser, web)).status_code == 401


def test_what_the_gateway_would_refuse_is_refused_here(web: Party, browser: Caller) -> None:
    token = token_of(browser, web)
    refused(ask(browser, token[:-4] + "AAAA"))
    refused(ask(browser, "x.y.z"))
    id_token = browser.token(redemption(approve(browser, web, scope="openid accounts")["code"]) | credentials(web))
    refused(ask(browser, id_token.json()["id_token"]))
    claims = verified_claims(token, web.id)
    assert claims
    revoke_access_token(acting_user=SYSTEM, claims=claims, reason="test")
    refused(ask(browser, token))
    other = token_of(browser, web)
    for grant in Grant.objects.all():
        end_grant(acting_user=SYSTEM, grant=grant, reason="withdrawn by the customer")
    refused(ask(browser, other))


def test_an_application_that_is_no_longer_approved_learns_nothing(web: Party, browser: Caller) -> None:
    token = token_of(browser, web)
    Client.objects.update(status="rejected")
    refused(ask(browser, token))


def test_an_expired_token_is_refused(web: Party, browser: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(browser, web)
    later = timezone.now() + timedelta(seconds=601)
    monkeypatch.setattr(timezone, "now", lambda: later)
    refused(ask(browser, token))


def test_a_bound_token_works_with_its_certificate_only_rfc8705_3(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post", certificate=True, binds=True)
    token = token_of(browser, party, **party.on_mutual())
    assert ask(browser, token, **party.on_mutual()).status_code == 200
    refused(ask(browser, token))
    refused(ask(browser, token, **bank.client("server").on_mutual()))


def test_a_key_bound_token_needs_its_proof_rfc9449_7(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    now = int(time.time())
    token = token_of(browser, party, dpop=proof(f"{ISSUER}/oauth/token", "POST", now=now))
    good = proof(ISSUER + HERE, now=now, token=token)
    assert ask(browser, token, "DPoP", dpop=good).status_code == 200
    refused(ask(browser, token, "DPoP", dpop=good), "invalid_dpop_proof")
    refused(ask(browser, token), "invalid_token")
    refused(ask(browser, token, "DPoP"), "invalid_dpop_proof")
    for wrong in ({"key": key_for("ES256")}, {"token": "other"}, {"method": "POST"}, {"address": ISSUER + "/other"}):
        changed = proof(**{"address": ISSUER + HERE, "now": now, "token": token, **wrong})
        refused(ask(browser, token, "DPoP", dpop=changed), "invalid_dpop_proof")


def test_a_plain_token_is_no_key_bound_one(web: Party, browser: Caller) -> None:
    token = token_of(browser, web)
    refused(ask(browser, token, "DPoP", dpop=proof(ISSUER + HERE, now=int(time.time()), token=token)))


def test_a_token_without_a_customer_has_no_subject_to_tell(bank: Bank, browser: Caller) -> None:
    party = bank.client("server")
    form = {"grant_type": "client_credentials", "client_id": party.id}
    token = browser.token(form, party.on_mutual()).json()["access_token"]
    refused(ask(browser, token, **party.on_mutual()), "insufficient_scope", 403)
