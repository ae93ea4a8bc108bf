"""Clients that sign (private_key_jwt), over the real endpoints: FAPI 2.0, 5.3.2.1; RFC 7521, 4.2; RFC 7523, 3."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from authserver.bank import ISSUER, Bank, Caller, Party, approve, authorization, claims_of, redemption
from oauth.assertions import ASSERTION_TYPE, assertion
from oauth.proofs import key_for, proof, thumbprint
from propylon.applications.actions import set_public_keys
from propylon.audit.models import Event
from propylon.authserver.models import UsedProof
from propylon.kernel.actor import SYSTEM

KEY = key_for("ES256")


@pytest.fixture
def web(bank: Bank) -> Party:
    party = bank.client("web", method="private_key_jwt")
    party.secret = ""
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    return party


@pytest.fixture
def fapi(bank: Bank) -> Party:
    party = bank.client("web", profile="fapi2", method="private_key_jwt", certificate=False)
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    return party


def by_key(party: Party, **changes: Any) -> dict[str, str]:
    usual = {"issuer": ISSUER, "now": int(time.time())}
    text = assertion(changes.pop("key", KEY), party.id, **{**usual, **changes})
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}


def refused(response: httpx.Response, error: str = "invalid_client", status: int = 401) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert not Event.objects.filter(action="token.issued").exists()


def test_the_code_flow_needs_no_secret(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    answer = browser.token(redemption(code) | by_key(web))
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json()["access_token"])["client_id"] == web.id
    again = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"], "client_id": web.id}
    assert browser.token(again | by_key(web)).status_code == 200


def test_rfc7523_3_an_assertion_counts_once_also_at_another_endpoint(web: Party, caller: Caller) -> None:
    sent = by_key(web)
    assert caller.post("/oauth/introspect", {"token": "x"} | sent).json() == {"active": False}
    assert UsedProof.objects.count() == 1
    refused(caller.post("/oauth/introspect", {"token": "x"} | sent))
    refused(caller.token({"grant_type": "refresh_token", "refresh_token": "x"} | sent))


def test_a_refused_assertion_is_not_remembered(web: Party, caller: Caller) -> None:
    refused(caller.post("/oauth/introspect", {"token": "x"} | by_key(web, aud="https://other.example")))
    assert not UsedProof.objects.exists()


@pytest.mark.parametrize("extra", [{"client_secret": "x"}, {"authorization": "Basic eDp5"}])
def test_rfc6749_2_3_two_methods_at_once_are_refused(web: Party, caller: Caller, extra: dict[str, str]) -> None:
    headers = {name: value for name, value in extra.items() if name == "authorization"}
    form = {"token": "x"} | by_key(web) | {name: value for name, value in extra.items() if name not in headers}
    refused(caller.post("/oauth/introspect", form, headers), "invalid_request", 400)


def test_an_unknown_type_of_assertion_is_refused(web: Party, caller: Caller) -> None:
    for type_ in ("", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        refused(caller.post("/oauth/introspect", {"token": "x"} | by_key(web) | {"client_assertion_type": type_}))


def test_rfc7521_4_2_a_client_id_that_differs_is_refused(web: Party, bank: Bank, caller: Caller) -> None:
    other = bank.client("web")
    refused(caller.post("/oauth/introspect", {"token": "x", "client_id": other.id} | by_key(web)))


def test_a_secret_does_not_authenticate_who_registered_a_key(web: Party, caller: Caller) -> None:
    refused(caller.post("/oauth/introspect", {"token": "x", "client_id": web.id, "client_secret": "x"}))
    refused(caller.post("/oauth/introspect", {"token": "x", "client_id": web.id}))


def test_replaced_keys_are_refused_with_the_next_request(web: Party, caller: Caller) -> None:
    new = key_for("Ed25519")
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=[new.as_dict(private=False)])
    refused(caller.post("/oauth/introspect", {"token": "x"} | by_key(web)))
    assert caller.post("/oauth/introspect", {"token": "x"} | by_key(web, key=new, alg="EdDSA")).status_code == 200


# ── FAPI 2.0 ──


def pushed(caller: Caller, party: Party, **headers: str) -> httpx.Response:
    return caller.post("/oauth/par", authorization(party) | by_key(party), headers)


def test_fapi2_5_3_2_1_6_a_signed_push_and_a_key_bound_token(fapi: Party, browser: Caller) -> None:
    answer = pushed(browser, fapi)
    assert answer.status_code == 201, answer.text
    code = approve_pushed(browser, fapi, answer.json()["request_uri"])
    sent = {"dpop": proof(f"{ISSUER}/oauth/token", "POST", now=int(time.time()))}
    token = browser.token(redemption(code) | by_key(fapi), sent)
    assert token.status_code == 200, token.text
    assert token.json()["token_type"] == "DPoP"
    assert claims_of(token.json()["access_token"])["cnf"] == {"jkt": thumbprint()}


def test_fapi2_5_3_2_1_4_no_token_without_certificate_or_key(fapi: Party, browser: Caller) -> None:
    code = approve_pushed(browser, fapi, pushed(browser, fapi).json()["request_uri"])
    refused(browser.token(redemption(code) | by_key(fapi)), "invalid_dpop_proof", 400)
    sent = {"dpop": proof(f"{ISSUER}/oauth/token", "POST", now=int(time.time()))}
    assert browser.token(redemption(code) | by_key(fapi), sent).status_code == 200  # the refusal used nothing up


def test_fapi2_5_3_2_2_4_an_unauthenticated_push_is_refused(fapi: Party, caller: Caller) -> None:
    refused(caller.post("/oauth/par", authorization(fapi)))
    refused(caller.post("/oauth/par", authorization(fapi) | by_key(fapi, key=key_for("ES256"))))


def approve_pushed(browser: Caller, party: Party, request_uri: str) -> str:
    changes = dict.fromkeys(authorization(party), "") | {"client_id": party.id, "request_uri": request_uri}
    code: str = approve(browser, party, **changes)["code"]
    return code
