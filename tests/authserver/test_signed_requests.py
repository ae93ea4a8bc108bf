"""FAPI 2.0 Message Signing over the real endpoints: requests (RFC 9101), answers (JARM), introspection (RFC 9701)."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.bank import (
    CALLBACK,
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
from oauth.assertions import signed
from oauth.proofs import key_for
from propylon.applications.actions import set_public_keys
from propylon.authserver.models import AuthorizationRequest
from propylon.kernel.actor import SYSTEM

KEY = key_for("ES256")


@pytest.fixture
def web(bank: Bank) -> Party:
    party = bank.client("web", method="client_secret_post")
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    return party


def request_object(party: Party, *, key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    now = int(time.time())
    usual = {"iss": party.id, "aud": ISSUER, "nbf": now, "exp": now + 300, **authorization(party)}
    return signed(key, {**usual, **changes}, header={"typ": "oauth-authz-req+jwt", **(header or {})})


def sent(party: Party, **changes: Any) -> dict[str, str]:
    return {"client_id": party.id, "request": request_object(party, **changes)}


def answer(text: str, party: Party) -> dict[str, Any]:
    """A signed answer, verified as the client would."""
    keys = KeySet.import_key_set(Caller().get("/oauth/jwks").json())
    claims: dict[str, Any] = jwt.decode(text, keys, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"]) == (ISSUER, party.id)
    assert 0 < claims["exp"] - time.time() <= 600
    return claims


# ── requests ──


def test_rfc9101_6_3_only_what_is_signed_counts(web: Party, browser: Caller) -> None:
    beside = {"redirect_uri": "https://evil.example/", "scope": "transactions", "state": "other"}
    page = browser.get("/oauth/authorize", **sent(web), **beside)
    assert page.status_code == 200, page.text
    row = AuthorizationRequest.objects.get()
    assert (row.parameters["redirect_uri"], row.parameters["scope"]) == (CALLBACK, "accounts")
    assert (row.parameters["state"], row.parameters["is_signed"]) == ("s1", "yes")


def test_rfc9126_3_a_signed_request_is_pushed_and_ends_in_a_token(web: Party, browser: Caller) -> None:
    pushed = browser.post("/oauth/par", sent(web) | credentials(web))
    assert pushed.status_code == 201, pushed.text
    changes = dict.fromkeys(authorization(web), "") | {"client_id": web.id}
    code = approve(browser, web, **changes, request_uri=pushed.json()["request_uri"])["code"]
    token = browser.token(redemption(code) | credentials(web)).json()["access_token"]
    assert claims_of(token)["scope"] == "accounts"


WRONG = {
    "unsigned by the registered key": {"key": key_for("ES256")},
    "for another audience": {"aud": "https://other.example"},
    "without audience": {"aud": None},
    "of another issuer": {"iss": "cl_other"},
    "for another client": {"client_id": "cl_other"},
    "RFC 9101, 10.8: with a subject": {"sub": "cl"},
    "RFC 9101, 4: with a request inside": {"request": "x"},
    "RFC 9101, 4: with a request_uri inside": {"request_uri": "https://evil.example/"},
    "5.3.1: without nbf": {"nbf": None},
    "5.3.1: of more than an hour ago": {"nbf": -3700},
    "5.3.1: of the future": {"nbf": 60},
    "5.3.1: without exp": {"exp": None},
    "ended": {"exp": -1},
    "5.3.1: for more than an hour": {"exp": 3700},
    "with a time that is no number": {"exp": "soon"},
    "with a parameter that is neither text nor number": {"state": True},
    "with the type of a token": {"header": {"typ": "at+jwt"}},
    "5.4.1: with RS256": {"header": {"alg": "RS256"}},
    "not signed": {"header": {"alg": "none"}},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_signed_request_is_refused_and_leads_nowhere(web: Party, browser: Caller, case: str) -> None:
    changes = dict(WRONG[case])
    for name in ("nbf", "exp"):
        if isinstance(changes.get(name), int):
            changes[name] = int(time.time()) + changes[name]
    page = browser.get("/oauth/authorize", **sent(web, **changes))
    assert page.status_code == 400
    assert "invalid_request_object" in page.text
    pushed = browser.post("/oauth/par", sent(web, **changes) | credentials(web))
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request_object"), pushed.text
    assert not AuthorizationRequest.objects.exists()


def test_a_client_without_keys_cannot_sign(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    assert "no public key" in browser.get("/oauth/authorize", **sent(party)).text


def test_two_requests_are_told_on_the_page(web: Party, browser: Caller) -> None:
    query = str(httpx.QueryParams(sent(web)))
    assert browser.ask("GET", f"/oauth/authorize?{query}&request=other").status_code == 400


def test_a_redirect_uri_inside_that_is_not_registered_is_not_followed(web: Party, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **sent(web, redirect_uri="https://evil.example/"))
    assert (page.status_code, page.headers.get("location")) == (400, None)


def test_rfc9101_10_5_who_must_sign_is_refused_unsigned(web: Party, browser: Caller) -> None:
    keys = [KEY.as_dict(private=False)]
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=keys, requires_signed_requests=True)
    back = answer_of(browser.get("/oauth/authorize", **authorization(web)))
    assert (back["error"], back["state"]) == ("invalid_request", "s1")
    pushed = browser.post("/oauth/par", authorization(web) | credentials(web))
    assert pushed.json()["error"] == "invalid_request"
    pushed = browser.post("/oauth/par", sent(web) | credentials(web))
    assert pushed.status_code == 201
    opened = browser.get("/oauth/authorize", client_id=web.id, request_uri=pushed.json()["request_uri"])
    assert opened.status_code == 200, "a pushed one stays signed when it is opened"


# ── answers (JARM) ──


@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_jarm_2_3_a_signed_answer_holds_all_and_nothing_stands_beside_it(
    web: Party, browser: Caller, mode: str
) -> None:
    back = approve(browser, web, response_mode=mode)
    assert back.keys() == {"response"}
    claims = answer(back["response"], web)
    assert claims["state"] == "s1"
    assert browser.token(redemption(claims["code"]) | credentials(web)).status_code == 200


def test_jarm_2_3_errors_are_signed_too(web: Party, browser: Caller) -> None:
    wrong = answer_of(browser.get("/oauth/authorize", **authorization(web, response_mode="jwt", scope="nonsense")))
    assert answer(wrong["response"], web)["error"] == "invalid_scope"
    consent = log_in(browser, web, response_mode="jwt")
    denied = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "deny"})
    claims = answer(answer_of(denied)["response"], web)
    assert (claims["error"], claims["state"]) == ("access_denied", "s1")


def test_signed_requests_get_signed_answers_when_they_ask_inside(web: Party, browser: Caller) -> None:
    pushed = browser.post("/oauth/par", sent(web, response_mode="jwt") | credentials(web)).json()
    changes = dict.fromkeys(authorization(web), "") | {"client_id": web.id, "request_uri": pushed["request_uri"]}
    assert "code" in answer(approve(browser, web, **changes)["response"], web)


# ── introspection ──


def test_rfc9701_introspection_is_signed_for_who_accepts_it(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    token = browser.token(redemption(code) | credentials(web)).json()["access_token"]
    form = {"token": token} | credentials(web)
    plain = browser.post("/oauth/introspect", form)
    told = browser.post("/oauth/introspect", form, {"accept": "application/token-introspection+jwt"})
    assert told.headers["content-type"] == "application/token-introspection+jwt"
    keys = KeySet.import_key_set(browser.get("/oauth/jwks").json())
    decoded = jwt.decode(told.text, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "token-introspection+jwt"
    assert decoded.claims.keys() == {"iss", "aud", "iat", "token_introspection"}, "RFC 9701, 5: no sub, no exp"
    assert decoded.claims["aud"] == web.id
    assert decoded.claims["token_introspection"] == plain.json()
