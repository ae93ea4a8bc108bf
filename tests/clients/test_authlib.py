"""Authlib's client (PyPI), unchanged, against the running system."""

from __future__ import annotations

import ssl

from authlib.integrations.httpx_client import OAuth2Client

from clients.customer import log_in_and_allow
from running_system import DemoApplication, RunningSystem


def sample(system: RunningSystem, application: DemoApplication, *, mutual: bool) -> str:
    origin = system.mutual_url if mutual else system.public_url
    prefix = system.demo.environments[application.environment]["public_url"].removeprefix(system.public_url)
    return origin + prefix + system.demo.products[0].sample_get


def client_of(context: ssl.SSLContext, application: DemoApplication, **more: str | None) -> OAuth2Client:
    return OAuth2Client(
        client_id=application.client_id,
        scope=" ".join(application.scopes),
        verify=context,
        trust_env=False,
        timeout=15,
        **more,
    )


def test_client_credentials_with_a_certificate(running_system: RunningSystem) -> None:
    """Authlib sends the client id in the form; the certificate authenticates (RFC 8705 section 2)."""
    server = running_system.demo.application("server")
    with client_of(running_system.tls(server), server, token_endpoint_auth_method="none") as client:
        token = client.fetch_token(f"{running_system.mutual_url}/oauth/token", grant_type="client_credentials")
        assert token["token_type"].lower() == "bearer"
        answer = client.get(sample(running_system, server, mutual=True))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) > 0


def test_code_flow_with_pkce_and_refresh(running_system: RunningSystem) -> None:
    web = running_system.demo.application("web", "standard")
    verifier = "a-verifier-of-this-test-that-has-more-than-43-characters"
    with client_of(
        running_system.tls(),
        web,
        client_secret=web.client_secret,
        token_endpoint_auth_method=web.token_endpoint_auth_method,
        redirect_uri=web.redirect_uris[0],
        code_challenge_method="S256",
    ) as client:
        endpoint = f"{running_system.public_url}/oauth/authorize"
        url, _state = client.create_authorization_url(endpoint, code_verifier=verifier)
        callback = log_in_and_allow(running_system, url)
        token_endpoint = f"{running_system.public_url}/oauth/token"
        token = client.fetch_token(token_endpoint, authorization_response=callback, code_verifier=verifier)
        first = token["access_token"]
        assert client.get(sample(running_system, web, mutual=False)).status_code == 200
        refreshed = client.refresh_token(token_endpoint, refresh_token=token["refresh_token"])
        assert refreshed["access_token"] != first
        answer = client.get(sample(running_system, web, mutual=False))
    assert answer.status_code == 200, answer.text
