"""Step-up (RFC 9470) with the real gateway: a call is refused, the customer logs in more strongly, the call passes."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from journeys.management_client import ManagementClient
from propylon.cli.demo.form_browser import FormBrowser
from propylon.cli.demo.http_session import HttpSession
from propylon.customers.second_step import SANDBOX_CODE
from propylon.oauth.acr import ONE_STEP, TWO_STEPS
from propylon.oauth.rules.check_code_verifier import s256
from running_system import DemoApplication, RunningSystem, wait_until

VERIFIER = "v" * 43
_PATIENCE = 20


def token(system: RunningSystem, client: httpx.Client, spa: DemoApplication, **asked: str) -> str:
    """By the customer's login, with the second step where a page asks for it."""
    parameters = {
        "response_type": "code",
        "client_id": spa.client_id,
        "redirect_uri": spa.redirect_uris[0],
        "scope": " ".join(spa.scopes),
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
        **asked,
    }
    identity = system.demo.identities[0]
    with HttpSession(system.public_url, ca_file=system.ca_file) as session:
        browser = FormBrowser(session)
        page = browser.open(f"{system.public_url}/oauth/authorize?{urlencode(parameters)}")
        login = {"identity-number": identity.identity_number, "password": identity.password}
        page = browser.submit(page, "login-form", fill=login, press="login-submit")
        if "/oauth/second-step" in page.url:
            page = browser.submit(page, "second-step-form", fill={"code": SANDBOX_CODE}, press="second-step-submit")
        back = browser.submit(page, "consent-form", fill={}, press="consent-allow").url
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": spa.redirect_uris[0],
        "code_verifier": VERIFIER,
        "client_id": spa.client_id,
    }
    answer = client.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["access_token"]
    return found


def test_a_call_leads_to_a_stronger_login_and_passes_then_rfc9470_3_to_6(running_system: RunningSystem) -> None:
    spa, product = running_system.demo.application("spa", "standard"), running_system.demo.products[0]
    address = running_system.demo.environments[spa.environment]["public_url"] + product.sample_get
    with running_system.client() as client, ManagementClient(running_system) as operator:
        versions = f"/products/{product.name}/versions/{product.version}/operations"
        wanted_path = product.sample_get.removeprefix(product.base_path)
        listed = operator("GET", f"{versions}?limit=200")["data"]
        found = next(each for each in listed if (each["method"], each["path"]) == ("GET", wanted_path))
        rule = f"{versions}/{found['operation_id']}"

        def call(access_token: str) -> httpx.Response:
            return client.get(address, headers={"authorization": f"Bearer {access_token}"})

        weak = token(running_system, client, spa)
        assert call(weak).status_code == 200
        operator("PATCH", rule, {"acr_values": [TWO_STEPS], "max_age": 600})
        try:
            wait_until(lambda: call(weak).status_code == 401, _PATIENCE)
            refused = call(weak)
            assert refused.json()["code"] == "gateway.authentication.insufficient"
            challenge = refused.headers["www-authenticate"]
            assert 'error="insufficient_user_authentication"' in challenge
            assert 'max_age="600"' in challenge
            wanted = re.search(r'acr_values="([^"]+)"', challenge)
            assert wanted
            assert wanted[1] == TWO_STEPS != ONE_STEP
            strong = token(running_system, client, spa, acr_values=wanted[1], max_age="600")
            assert call(strong).status_code == 200
            assert call(weak).status_code == 401
        finally:
            operator("PATCH", rule, {"acr_values": [], "max_age": 0})
