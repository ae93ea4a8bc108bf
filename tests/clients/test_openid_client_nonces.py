"""openid-client where an environment demands nonces in DPoP proofs (RFC 9449, 8): it asks once more by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from clients.target import Wanted, ours
from clients.test_openid_client import key_bound_code_flow
from journeys.management_client import ManagementClient
from oauth.proofs import proof
from running_system import RunningSystem


@pytest.fixture
def demanding(running_system: RunningSystem) -> Iterator[RunningSystem]:
    with ManagementClient(running_system) as operator:
        operator("PATCH", "/environments/sandbox", {"demands_nonces": True})
        yield running_system
        operator("PATCH", "/environments/sandbox", {"demands_nonces": False})


def test_a_foreign_client_takes_the_nonce_and_goes_on_rfc9449_8(demanding: RunningSystem) -> None:
    target = ours(demanding, Wanted("spa"))
    with demanding.client() as client:
        headers = {"dpop": proof(f"{demanding.public_url}/oauth/token", "POST", now=int(time.time()))}
        form = {"grant_type": "refresh_token", "client_id": target.client_id, "refresh_token": "x"}
        refused = client.post("/oauth/token", data=form, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
        assert refused.headers["dpop-nonce"]
    key_bound_code_flow(target)
