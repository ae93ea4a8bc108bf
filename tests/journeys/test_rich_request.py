"""Details of accounts from PAR to the bank (RFC 9396) under FAPI 2.0: real TLS, gateway, pages, sandbox bank."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from propylon.cli.demo.form_browser import FormBrowser
from propylon.cli.demo.http_session import HttpSession
from propylon.oauth.rules.check_code_verifier import s256
from running_system import DemoApplication, RunningSystem

VERIFIER = "v" * 43
DETAILS: list[dict[str, Any]] = [{"type": "account_information", "actions": ["read_accounts"]}]


@pytest.fixture
def application(running_system: RunningSystem) -> DemoApplication:
    return running_system.demo.application("web", "fapi2")


@pytest.fixture
def client(running_system: RunningSystem, application: DemoApplication) -> Iterator[httpx.Client]:
    with running_system.client(application) as found:
        yield found


def pushed(client: httpx.Client, application: DemoApplication, details: list[dict[str, Any]]) -> httpx.Response:
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uris[0],
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
        "authorization_details": json.dumps(details),
    }
    return client.post("/oauth/par", data=asked)


def consented(system: RunningSystem, address: str, *accounts: str) -> str:
    """The code of a customer who allows these accounts."""
    identity = system.demo.identities[0]
    with HttpSession(system.public_url, ca_file=system.ca_file) as session:
        browser = FormBrowser(session)
        login = {"identity-number": identity.identity_number, "password": identity.password}
        page = browser.submit(browser.open(address), "login-form", fill=login, press="login-submit")
        boxes = [f"account.0.{account}" for account in accounts]
        back = browser.submit(page, "consent-form", fill={}, tick=boxes, press="consent-allow").url
    return parse_qs(urlsplit(back).query)["code"][0]


def test_the_chosen_account_and_no_other_one_is_answered(
    running_system: RunningSystem, client: httpx.Client, application: DemoApplication
) -> None:
    refused = pushed(client, application, [{**DETAILS[0], "amount": "1"}])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_authorization_details")
    request_uri = pushed(client, application, DETAILS).json()["request_uri"]
    query = urlencode({"client_id": application.client_id, "request_uri": request_uri})
    code = consented(running_system, f"{running_system.public_url}/oauth/authorize?{query}", "acc-000002")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER,
            "client_id": application.client_id, "redirect_uri": application.redirect_uris[0]}  # fmt: skip
    wider = json.dumps([{**DETAILS[0], "accounts": ["acc-000001"]}])
    assert client.post("/oauth/token", data=form | {"authorization_details": wider}).status_code == 400
    given = client.post("/oauth/token", data=form).json()
    assert given["authorization_details"] == [{**DETAILS[0], "accounts": ["acc-000002"]}]
    accounts = running_system.demo.products[0].sample_get
    prefix = running_system.demo.environments["sandbox"]["mutual_url"].removeprefix(running_system.mutual_url)
    bearer = {"authorization": f"Bearer {given['access_token']}", "x-propylon-accounts": "e30="}
    listed = client.get(f"{prefix}{accounts}", headers=bearer)
    assert listed.status_code == 200, listed.text
    assert [(each["id"], each["balances"]) for each in listed.json()["data"]] == [("acc-000002", [])]
    other = client.get(f"{prefix}{accounts}/acc-000001", headers=bearer)
    assert (other.status_code, other.json()["code"]) == (404, "account.unknown")
