"""Authlib's client (PyPI), unchanged, against the running system. The same scenarios run in test_oracle.py."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import httpx
from authlib.integrations.httpx_client import OAuth2Client

from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem


def client_of(target: Target, **more: str | None) -> tuple[OAuth2Client, Mapping[str, Any]]:
    """The client, and the addresses that a developer has copied for it from the metadata."""
    context = ssl.create_default_context(cafile=target.ca_file)
    if target.certificate:
        context.load_cert_chain(*target.certificate)
    address = f"{target.issuer}/.well-known/oauth-authorization-server"
    found = httpx.get(address, verify=context, trust_env=False, timeout=15).json()
    client = OAuth2Client(
        client_id=target.client_id, scope=target.scope, verify=context, trust_env=False, timeout=15, **more
    )
    return client, found | (found.get("mtls_endpoint_aliases", {}) if target.certificate else {})


def client_credentials(target: Target) -> None:
    """Authlib sends the client id in the form; the certificate authenticates (RFC 8705 section 2)."""
    client, found = client_of(target, token_endpoint_auth_method="none")
    with client:
        token = client.fetch_token(found["token_endpoint"], grant_type="client_credentials")
        assert token["token_type"].lower() == "bearer"
        answer = client.get(target.resource)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) > 0


def code_flow(target: Target) -> None:
    verifier = "a-verifier-of-this-test-that-has-more-than-43-characters"
    client, found = client_of(
        target,
        client_secret=target.client_secret,
        token_endpoint_auth_method=target.token_endpoint_auth_method,
        redirect_uri=target.redirect_uri,
        code_challenge_method="S256",
    )
    with client:
        url, _state = client.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)
        callback = target.authorize(url)
        endpoint = found["token_endpoint"]
        token = client.fetch_token(endpoint, authorization_response=callback, code_verifier=verifier)
        first = token["access_token"]
        assert client.get(target.resource).status_code == 200
        refreshed = client.refresh_token(endpoint, refresh_token=token["refresh_token"])
        assert refreshed["access_token"] != first
        answer = client.get(target.resource)
    assert answer.status_code == 200, answer.text


SCENARIOS: Mapping[str, Scenario] = {
    "RFC 6749 4.4 with RFC 8705 2.1": (Wanted("server"), client_credentials),
    "RFC 6749 4.1 and RFC 7636": (Wanted("web"), code_flow),
}


def test_client_credentials_with_a_certificate(running_system: RunningSystem) -> None:
    client_credentials(ours(running_system, Wanted("server")))


def test_code_flow_with_pkce_and_refresh(running_system: RunningSystem) -> None:
    code_flow(ours(running_system, Wanted("web")))
