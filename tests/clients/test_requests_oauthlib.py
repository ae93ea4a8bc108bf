"""requests-oauthlib (PyPI), unchanged: what many partners have. The same scenarios run in test_oracle.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem


def session_for(target: Target, **more: Any) -> tuple[OAuth2Session, Mapping[str, Any]]:
    """The client, and the addresses that a developer has copied for it from the metadata."""
    session = OAuth2Session(target.client_id, scope=target.scope, redirect_uri=target.redirect_uri or None, **more)
    session.trust_env, session.verify, session.cert = False, target.ca_file, target.certificate
    found = requests.get(
        f"{target.issuer}/.well-known/oauth-authorization-server", verify=target.ca_file, timeout=15
    ).json()
    return session, found | (found.get("mtls_endpoint_aliases", {}) if target.certificate else {})


def call(target: Target, session: OAuth2Session) -> None:
    answer = session.get(target.resource)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) > 0


def client_credentials(target: Target) -> None:
    """The client id in the form, the certificate on the connection (RFC 8705 section 2)."""
    session, found = session_for(target, client=BackendApplicationClient(target.client_id, scope=target.scope))
    token = session.fetch_token(
        found["token_endpoint"], include_client_id=True, cert=target.certificate, verify=target.ca_file
    )
    assert token["token_type"].lower() == "bearer"
    call(target, session)


def code_flow(target: Target) -> None:
    session, found = session_for(target, pkce="S256")
    secret = target.client_secret
    proof: dict[str, Any] = {"auth": (target.client_id, secret)} if secret else {"include_client_id": True}
    url, _state = session.authorization_url(found["authorization_endpoint"])
    token = session.fetch_token(
        found["token_endpoint"],
        authorization_response=target.authorize(url),
        **proof,
    )
    who = {} if secret else {"client_id": target.client_id}
    refreshed = session.refresh_token(found["token_endpoint"], auth=proof.get("auth"), **who)
    assert refreshed["access_token"] != token["access_token"]
    call(target, session)


SCENARIOS: Mapping[str, Scenario] = {
    "RFC 6749 4.4 with RFC 8705 2.1": (Wanted("server"), client_credentials),
    "RFC 6749 4.1 and RFC 7636 of a public client": (Wanted("spa"), code_flow),
    "RFC 6749 4.1 and RFC 7636 with a secret": (Wanted("web"), code_flow),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_requests_oauthlib_completes(running_system: RunningSystem, name: str) -> None:
    wanted, scenario = SCENARIOS[name]
    scenario(ours(running_system, wanted))
