"""requests-oauth2client (PyPI), unchanged. The same scenarios run in test_oracle.py."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from requests_oauth2client import (
    BearerToken,
    ClientSecretBasic,
    DPoPToken,
    OAuth2Client,
    PrivateKeyJwt,
    PublicApp,
    RequestUriParameterAuthorizationRequest,
)

from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem


def client_of(target: Target, **more: Any) -> OAuth2Client:
    """By discovery. It knows nothing of the aliases of RFC 8705 section 5, so it is told them."""
    session = requests.Session()
    session.trust_env, session.verify = False, target.ca_file
    session.cert = target.certificate
    found = session.get(f"{target.issuer}/.well-known/openid-configuration", timeout=15).json()
    if target.certificate:
        found = found | found.get("mtls_endpoint_aliases", {})
    proof: dict[str, Any] = {"auth": PublicApp(target.client_id)}
    if target.signing_key:
        key = dict(target.signing_key)
        proof = {"auth": PrivateKeyJwt(target.client_id, key, aud=target.issuer)}
    elif target.client_secret:
        proof = {"auth": ClientSecretBasic(target.client_id, target.client_secret)}
    asks = found.get("backchannel_authentication_endpoint")
    jwks = session.get(found["jwks_uri"], timeout=15).json()
    more = {
        "redirect_uri": target.redirect_uri or None,
        "id_token_signed_response_alg": "ES256",
        "backchannel_authentication_endpoint": asks,
        **proof,
        **more,
    }
    return OAuth2Client.from_discovery_document(found, session=session, authorization_server_jwks=jwks, **more)


def call(target: Target, client: OAuth2Client, token: BearerToken) -> None:
    """The API, with the client's session: its certificate, and a proof if the token is bound to a key."""
    answer = client.session.get(target.resource, auth=token, timeout=15)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) > 0


def code_flow(target: Target, client: OAuth2Client, *, pushed: bool, **more: Any) -> BearerToken:
    """The first token; the refreshed one calls the API."""
    request = client.authorization_request(scope=target.scope, **more)
    asked = client.pushed_authorization_request(request) if pushed else request
    assert isinstance(asked, RequestUriParameterAuthorizationRequest) == pushed
    token = client.authorization_code(request.validate_callback(target.authorize(str(asked.uri))))
    refreshed = client.refresh_token(token)
    assert refreshed.access_token != token.access_token
    assert type(refreshed) is type(token)
    call(target, client, refreshed)
    return token


def client_credentials(target: Target) -> None:
    client = client_of(target)
    token = client.client_credentials(scope=target.scope)
    call(target, client, token)
    assert client.introspect_token(token)["active"] is True
    assert client.revoke_access_token(token) is True
    assert client.introspect_token(token) == {"active": False}


def client_credentials_bound_to_a_key(target: Target) -> None:
    client = client_of(target)
    token = client.client_credentials(scope=target.scope, dpop=True)
    assert isinstance(token, DPoPToken)
    call(target, client, token)


def plain_code_flow(target: Target) -> None:
    client = client_of(target)
    assert not isinstance(code_flow(target, client, pushed=False), DPoPToken)


def pushed_with_certificates(target: Target) -> None:
    client = client_of(target)
    token = code_flow(target, client, pushed=True)
    assert client.revoke_refresh_token(token) is True
    assert client.introspect_token(token) == {"active": False}, "RFC 7009 section 2.1: its access tokens with it"


def pushed_with_keys(target: Target) -> None:
    client = client_of(target, dpop_bound_access_tokens=True)
    assert isinstance(code_flow(target, client, pushed=True), DPoPToken)


DETAILS = [{"type": "account_information", "actions": ["read_accounts"]}]


def rich_request(target: Target) -> None:
    """RFC 9396 sections 3, 7 and 9.2: asked for beside a scope, pushed; returned, and told by introspection."""
    client = client_of(target)
    token = code_flow(target, client, pushed=True, authorization_details=json.dumps(DETAILS))
    granted = token.authorization_details
    assert [{name: each[name] for name in DETAILS[0]} for each in granted] == DETAILS
    assert client.introspect_token(token)["authorization_details"] == granted


def asked_elsewhere(target: Target) -> None:
    """CIBA Core sections 7 and 10.1: the customer answers, then the client asks for the tokens."""
    client = client_of(target)
    message = f"Question {uuid.uuid4().hex[:8]}"
    asked = client.backchannel_authentication_request(
        scope=f"openid {target.scope}", login_hint=target.login_hint, binding_message=message
    )
    target.approve(message)
    token = client.ciba(asked)
    assert token.id_token is not None
    call(target, client, client.refresh_token(token))


def openid_connect(target: Target) -> None:
    client = client_of(target)
    token = code_flow(Target(**{**vars(target), "scope": f"openid {target.scope}"}), client, pushed=False)
    assert token.id_token is not None
    assert client.userinfo(token)["sub"] == token.id_token.subject


SCENARIOS: Mapping[str, Scenario] = {
    "RFC 6749 4.4 with RFC 8705 2.1": (Wanted("server"), client_credentials),
    "RFC 6749 4.4 with RFC 9449": (Wanted("server", proves_key=True), client_credentials_bound_to_a_key),
    "RFC 6749 4.1 with RFC 7636": (Wanted("web"), plain_code_flow),
    "RFC 9126 with RFC 8705": (Wanted("web", "fapi2"), pushed_with_certificates),
    "RFC 9126 with RFC 9449 and RFC 7523": (Wanted("web", "fapi2", signs="PS256"), pushed_with_keys),
    "RFC 9396 with RFC 9126 and RFC 8705": (Wanted("web", "fapi2"), rich_request),
    "CIBA Core 7 and 10.1": (Wanted("web", asks_customers=True), asked_elsewhere),
    "OpenID Connect Core 3.1": (Wanted("spa"), openid_connect),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_requests_oauth2client_completes(running_system: RunningSystem, name: str) -> None:
    wanted, scenario = SCENARIOS[name]
    scenario(ours(running_system, wanted))
