"""openid-client where an environment demands nonces in DPoP proofs (RFC 9449, 8 and 9): it asks once more by itself, at
the authorization server and at the gateway."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from clients.target import Target, Wanted, ours
from clients.test_openid_client import key_bound_code_flow
from journeys.management_client import ManagementClient
from oauth.proofs import proof
from running_system import RunningSystem, wait_until


@pytest.fixture
def demanding(running_system: RunningSystem) -> Iterator[RunningSystem]:
    with ManagementClient(running_system) as operator:
        operator("PATCH", "/environments/sandbox", {"demands_nonces": True})
        yield running_system
        operator("PATCH", "/environments/sandbox", {"demands_nonces": False})


def _bound_token(client: httpx.Client, target: Target) -> str:
    form = {"grant_type": "client_credentials", "client_id": target.client_id, "scope": target.scope}
    address, nonce = f"{target.resource.partition('/sandbox')[0]}/oauth/token", None
    for _ in range(2):
        headers = {"dpop": proof(address, "POST", now=int(time.time()), nonce=nonce)}
        answer = client.post("/oauth/token", data=form, headers=headers)
        nonce = answer.headers.get("dpop-nonce")
    token: str = answer.json()["access_token"]
    return token


def test_a_foreign_client_takes_the_nonce_and_goes_on_rfc9449_8(demanding: RunningSystem) -> None:
    target = ours(demanding, Wanted("spa"))
    with demanding.client() as client:
        headers = {"dpop": proof(f"{demanding.public_url}/oauth/token", "POST", now=int(time.time()))}
        form = {"grant_type": "refresh_token", "client_id": target.client_id, "refresh_token": "x"}
        refused = client.post("/oauth/token", data=form, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
        assert refused.headers["dpop-nonce"]
    server = ours(demanding, Wanted("server"))
    with demanding.client(demanding.demo.application("server", "standard")) as client:
        token = _bound_token(client, server)

        def asks_for_a_nonce() -> bool:
            made = proof(server.resource, now=int(time.time()), token=token)
            answer = client.get(server.resource, headers={"Authorization": f"DPoP {token}", "DPoP": made})
            return answer.status_code == 401 and "use_dpop_nonce" in answer.headers["www-authenticate"]

        wait_until(asks_for_a_nonce, 10)
    key_bound_code_flow(target)
