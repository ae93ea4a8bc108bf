"""Nonces in DPoP proofs (RFC 9449 sections 8 and 9), where an environment demands them."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from authserver.bank import ISSUER, Bank, Caller, approve, authorization, claims_of, credentials, redemption
from oauth.proofs import proof, thumbprint
from propylon.audit.models import Event
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, UsedProof
from propylon.authserver.nonces import nonce_key
from propylon.catalog.actions import change_environment
from propylon.kernel.actor import SYSTEM
from propylon.oauth.dpop_nonce import good_nonces, nonce_at

TOKEN, PAR, USERINFO = "/oauth/token", "/oauth/par", "/oauth/userinfo"


@pytest.fixture
def demanding(bank: Bank) -> Bank:
    change_environment(acting_user=SYSTEM, environment=bank.environment, demands_nonces=True)
    return bank


def made(path: str, method: str = "POST", **changes: Any) -> dict[str, str]:
    return {"dpop": proof(ISSUER + path, method, now=int(time.time()), **changes)}


def newest() -> tuple[str, ...]:
    """Two: a minute may begin while a test runs."""
    return good_nonces(nonce_key(), int(time.time()))[:2]


def nonce_of(answer: httpx.Response, status: int = 400) -> str:
    """Of a refusal that asks for it; nothing was stored."""
    assert (answer.status_code, answer.json()["error"]) == (status, "use_dpop_nonce"), answer.text
    assert not UsedProof.objects.exists()
    nonce: str = answer.headers["dpop-nonce"]
    assert nonce in newest()
    return nonce


def test_the_token_endpoint_asks_for_a_nonce_and_the_code_stays_good_rfc9449_8(
    demanding: Bank, browser: Caller
) -> None:
    party = demanding.client("native")
    form = redemption(approve(browser, party)["code"]) | credentials(party)
    nonce = nonce_of(browser.token(form, made(TOKEN)))
    assert not Event.objects.filter(action="token.issued").exists()
    assert AuthorizationCode.objects.get().used_at is None
    answer = browser.token(form, made(TOKEN, nonce=nonce))
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    assert claims_of(answer.json()["access_token"])["cnf"] == {"jkt": thumbprint()}


def test_service_tokens_and_refreshing_need_it_as_well_rfc9449_8(demanding: Bank, browser: Caller) -> None:
    server, native = demanding.client("server"), demanding.client("native")
    headers = server.on_mutual() | {"dpop": proof("https://localhost:8444/oauth/token", "POST", now=int(time.time()))}
    nonce = nonce_of(browser.token({"grant_type": "client_credentials", "client_id": server.id}, headers))
    code = redemption(approve(browser, native)["code"]) | credentials(native)
    first = browser.token(code, made(TOKEN, nonce=nonce)).json()
    UsedProof.objects.all().delete()
    form = {"grant_type": "refresh_token", "client_id": native.id, "refresh_token": first["refresh_token"]}
    nonce_of(browser.token(form, made(TOKEN)))
    assert browser.token(form, made(TOKEN, nonce=nonce)).status_code == 200


@pytest.mark.parametrize("wrong", ["", "AAAAAAAAAAAAAAAAAAAAAAAA", 7, "old", "coming"])
def test_a_nonce_that_is_not_ours_or_not_of_now_is_none_rfc9449_8(
    demanding: Bank, browser: Caller, wrong: object
) -> None:
    party, now = demanding.client("native"), int(time.time())
    known = {"old": nonce_at(nonce_key(), now - 400), "coming": nonce_at(nonce_key(), now + 120)}
    form = redemption(approve(browser, party)["code"]) | credentials(party)
    nonce_of(browser.token(form, made(TOKEN, nonce=known.get(str(wrong), wrong))))


def test_par_asks_for_a_nonce_and_stores_nothing_rfc9449_8_and_10_1(demanding: Bank, browser: Caller) -> None:
    party = demanding.client("web", method="client_secret_post")
    form = authorization(party) | credentials(party)
    nonce = nonce_of(browser.post(PAR, form, made(PAR)))
    assert not AuthorizationRequest.objects.exists()
    assert browser.post(PAR, form, made(PAR, nonce=nonce)).status_code == 201


def test_userinfo_asks_with_401_rfc9449_9(demanding: Bank, browser: Caller) -> None:
    party, nonce = demanding.client("native"), nonce_at(nonce_key(), int(time.time()))
    form = redemption(approve(browser, party, scope="openid accounts")["code"]) | credentials(party)
    token = browser.token(form, made(TOKEN, nonce=nonce)).json()["access_token"]
    UsedProof.objects.all().delete()

    def ask(**claims: str) -> httpx.Response:
        headers = {"authorization": f"DPoP {token}", **made(USERINFO, "GET", token=token, **claims)}
        return browser.ask("GET", USERINFO, headers=headers)

    refused = ask()
    assert nonce_of(refused, 401)
    assert refused.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
    assert ask(nonce=nonce).json() == {"sub": "cus_maja"}


def test_answers_tell_the_newest_nonce_to_whoever_uses_them_rfc9449_8_2(demanding: Bank, browser: Caller) -> None:
    party, now = demanding.client("native"), int(time.time())
    older = nonce_at(nonce_key(), now - 130)
    form = redemption(approve(browser, party)["code"]) | credentials(party)
    answer = browser.token(form, made(TOKEN, nonce=older))
    assert answer.status_code == 200
    assert older not in newest()
    assert answer.headers["dpop-nonce"] in newest()
    assert "DPoP-Nonce" in answer.headers["access-control-expose-headers"]


def test_without_the_setting_or_without_a_proof_nothing_changes(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    answer = browser.token(redemption(approve(browser, party)["code"]) | credentials(party), made(TOKEN))
    assert (answer.status_code, "dpop-nonce" in answer.headers) == (200, False)
    change_environment(acting_user=SYSTEM, environment=bank.environment, demands_nonces=True)
    answer = browser.token(redemption(approve(browser, party)["code"]) | credentials(party))
    assert (answer.status_code, answer.json()["token_type"], "dpop-nonce" in answer.headers) == (200, "Bearer", False)


def test_a_wrong_proof_is_told_what_is_wrong_not_to_come_again_rfc9449_8(demanding: Bank, browser: Caller) -> None:
    party = demanding.client("native")
    form = redemption(approve(browser, party)["code"]) | credentials(party)
    for changes in ({"jti": None}, {"htm": "GET"}, {"iat": 1}):
        assert browser.token(form, made(TOKEN, **changes)).json()["error"] == "invalid_dpop_proof"
