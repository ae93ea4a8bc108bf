"""SEB's addresses as aliases of the same engine (PROTOCOL 3.6): asked exactly as its Postman collections ask."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import httpx
import pytest
from pytest_django.fixtures import Settings

from authserver.bank import (
    CALLBACK,
    IDENTITY,
    ISSUER,
    PASSWORD,
    VERIFIER,
    Bank,
    Caller,
    Party,
    answer_of,
    approve,
    authorization,
    claims_of,
    hidden,
)
from authserver.test_legacy_profile import NO_PKCE, allowed, let_time_pass
from oauth.proofs import proof
from propylon.authserver.models import Grant, RefreshToken
from propylon.catalog.actions import create_environment
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.project.oauth_aliases import read_aliases

AUTHORIZE, TOKEN = "/mga/sps/oauth/oauth20/authorize", "/mga/sps/oauth/oauth20/token"
JSON = {"content-type": "application/json", "accept": "application/json"}


@pytest.fixture(autouse=True)
def aliases(settings: Settings) -> None:
    settings.PROPYLON_OAUTH_ALIASES = read_aliases(f"authorize={AUTHORIZE}, token={TOKEN}")


@pytest.fixture
def party(bank: Bank) -> Party:
    return allowed(bank, "web", method="client_secret_post")


def code_as_seb(browser: Caller, party: Party) -> str:
    """`GET {{authorizationUri}}?scope&response_type&redirect_uri&client_id`, and what the customer does then."""
    asked = {
        "scope": "accounts",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "client_id": party.id,
        "brandid": "x",
    }
    headers = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}
    page = browser.ask("GET", f"{AUTHORIZE}?{urlencode(asked)}", headers=headers)
    assert page.status_code == 200, page.text
    answer = browser.post("/oauth/login", {"request": hidden(page), "identity_number": IDENTITY, "password": PASSWORD})
    consent = browser.get(answer.headers["location"])
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert answer_of(answer)["iss"] == ISSUER
    return answer_of(answer)["code"]


def form_of(party: Party, code: str) -> dict[str, str]:
    """In the collection's order; it sends `refresh_token` empty."""
    return {
        "client_id": party.id,
        "client_secret": party.secret,
        "code": code,
        "redirect_uri": CALLBACK,
        "grant_type": "authorization_code",
        "refresh_token": "",
    }


def as_json(caller: Caller, body: object, address: str = TOKEN, **headers: str) -> httpx.Response:
    text = body if isinstance(body, str) else json.dumps(body, indent=2)
    return caller.ask("POST", address, form=text, headers=JSON | headers)


def test_the_redirect_authorization_of_the_collections(browser: Caller, caller: Caller, party: Party) -> None:
    form = form_of(party, code_as_seb(browser, party))
    answer = caller.post(TOKEN, form, {"accept": "application/json"})
    assert answer.status_code == 201
    body = answer.json()
    assert claims_of(body["access_token"])["sub"] == "cus_maja"
    again = form | {"code": "", "grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    refreshed = caller.post(TOKEN, again, {"accept": "application/json"})
    assert (refreshed.status_code, refreshed.json()["token_type"]) == (201, "Bearer")


def test_only_the_alias_answers_201(browser: Caller, caller: Caller, party: Party) -> None:
    form = form_of(party, code_as_seb(browser, party))
    assert caller.post("/oauth/token", form).status_code == 200
    assert caller.post("/oauth/par", authorization(party) | {"client_secret": party.secret}).status_code == 201
    wrong = caller.post(TOKEN, form)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant"), "a refusal is no 201"


def test_the_alias_loosens_nothing_for_who_is_not_allowed_it(bank: Bank, browser: Caller, caller: Caller) -> None:
    standard = bank.client("web", method="client_secret_post")
    page = browser.get(AUTHORIZE, **authorization(standard, **NO_PKCE))
    assert answer_of(page)["error"] == "invalid_request"
    code = approve(browser, standard)["code"]
    form = form_of(standard, code)
    assert caller.post(TOKEN, form).json()["error"] == "invalid_request"
    assert caller.post(TOKEN, form | {"code_verifier": VERIFIER}).status_code == 201
    fapi = bank.client("web", profile="fapi2")
    page = browser.get(AUTHORIZE, **authorization(fapi))
    assert answer_of(page)["error"] == "invalid_request"


def test_a_client_authenticates_and_listens_as_anywhere(bank: Bank, caller: Caller, party: Party) -> None:
    wrong = caller.post(TOKEN, form_of(party, "x") | {"client_secret": "wrong"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    server = bank.client("server")
    form = {"grant_type": "client_credentials", "client_id": server.id}
    assert caller.post(TOKEN, form).status_code == 401
    assert caller.post(TOKEN, form, server.on_mutual()).status_code == 201
    assert caller.ask("GET", TOKEN).status_code == 405
    assert caller.post(f"{TOKEN}?a=b", form, server.on_mutual()).json()["error"] == "invalid_request"


def test_a_proof_names_the_address_that_was_asked_rfc9449_4_3(bank: Bank, caller: Caller) -> None:
    server, now = bank.client("server"), int(time.time())
    form = {"grant_type": "client_credentials", "client_id": server.id}
    mutual = "https://localhost:8444"
    elsewhere = proof(f"{mutual}/oauth/token", "POST", now=now)
    assert caller.post(TOKEN, form, server.on_mutual() | {"dpop": elsewhere}).json()["error"] == "invalid_dpop_proof"
    assert (
        caller.post(TOKEN, form, server.on_mutual() | {"dpop": proof(mutual + TOKEN, "POST", now=now)}).status_code
        == 201
    )


# JSON


def test_a_json_body_for_who_was_allowed_it(browser: Caller, caller: Caller, party: Party) -> None:
    answer = as_json(caller, form_of(party, code_as_seb(browser, party)))
    assert answer.status_code == 201, answer.text
    assert claims_of(answer.json()["access_token"])["sub"] == "cus_maja"


def test_json_at_our_own_address_is_no_form_rfc6749_3_2(browser: Caller, caller: Caller, party: Party) -> None:
    body = form_of(party, code_as_seb(browser, party))
    answer = as_json(caller, body, "/oauth/token")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert not RefreshToken.objects.exists()
    assert as_json(caller, body).status_code == 201, "nothing was used up"


def test_json_from_who_was_not_allowed_it_is_refused(bank: Bank, browser: Caller, caller: Caller, party: Party) -> None:
    standard = bank.client("web", method="client_secret_post")
    body = form_of(standard, approve(browser, standard)["code"]) | {"code_verifier": VERIFIER}
    assert as_json(caller, body).json()["error"] == "invalid_request"
    assert caller.post(TOKEN, body).status_code == 201, "nothing was used up"
    code = code_as_seb(Caller(), party)
    let_time_pass(party)
    assert as_json(caller, form_of(party, code)).json()["error"] == "invalid_request"
    assert Grant.objects.filter(client=party.row, refresh_tokens__isnull=False).count() == 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '"x"',
        "{",
        "[" * 5000,
        '{"grant_type": 1}',
        '{"grant_type": ["password"]}',
        '{"grant_type": null}',
        '{"grant_type": {"a": "b"}}',
        '{"grant_type": "password", "grant_type": "client_credentials"}',
        '{"grant_type": "authorization_code", "code": "a\\u0000"}',
        '{"grant_type": "authorization_code", "code": "\\ud800"}',
        '{"a\\n": "b"}',
        "{" + ",".join(f'"a{n}": "b"' for n in range(65)) + "}",
        '{"grant_type": NaN}',
    ],
)
def test_bad_json_is_refused_in_json(caller: Caller, party: Party, body: str) -> None:
    answer = as_json(caller, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_json_that_is_too_long_is_413(caller: Caller, party: Party) -> None:
    assert as_json(caller, {"grant_type": "x" * 70_000}).status_code == 413


def test_a_secret_in_the_header_beside_one_in_json_is_refused_rfc6749_2_3(caller: Caller, party: Party) -> None:
    answer = as_json(caller, form_of(party, "x"), authorization="Basic YTpi")
    assert answer.json()["error"] == "invalid_request"


# The setting


def test_without_the_setting_there_is_no_such_address(
    settings: Settings, browser: Caller, caller: Caller, party: Party
) -> None:
    settings.PROPYLON_OAUTH_ALIASES = read_aliases("")
    assert browser.get(AUTHORIZE, **authorization(party)).status_code == 404
    assert caller.post(TOKEN, form_of(party, "x")).status_code in {403, 404}


@pytest.mark.parametrize(
    "text",
    [
        "token",
        "token=",
        "token=/x",
        "token=x/y",
        "token=/oauth/other",
        "token=/manage/v1",
        "revoke=/a/b",
        "token=/a/b, authorize=/a/b",
        "token=/a/../b",
        "token=/a/b/",
        "token=/a//b",
        "token=/a/b?c",
        "token=/a/%41",
        "token=" + "/a" * 9,
        ", ".join(f"token=/a/{n}" for n in range(9)),
    ],
)
def test_a_setting_that_is_wrong_stops_the_start_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="PROPYLON_OAUTH_ALIASES has"):
        read_aliases(text)


def test_no_environment_may_lie_over_an_alias(bank: Bank, settings: Settings) -> None:
    settings.PROPYLON_OAUTH_ALIASES = read_aliases("token=/auth/v3/tokens")
    with pytest.raises(PropylonError) as refused:
        create_environment(acting_user=SYSTEM, name="auth", title="Auth")
    assert [each.field for each in refused.value.errors] == ["path_prefix"]
    assert create_environment(acting_user=SYSTEM, name="author", title="Author").path_prefix == "/author"


def test_the_metadata_names_no_alias_rfc8414_2(bank: Bank, caller: Caller) -> None:
    assert "/mga/" not in caller.get("/.well-known/oauth-authorization-server").text
