"""openid-client (npm), unchanged, registers itself (RFC 7591, 7592), uses what it was given, and deletes it.

Its scenarios run against node oidc-provider, too: test_oracle.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from clients.node_scripts import drive
from clients.target import Scenario, Target, Wanted, ours, signing_key
from journeys.management_client import ManagementClient
from running_system import RunningSystem


def _complete(target: Target, method: str, **more: Any) -> dict[str, Any]:
    result = drive("openid_registration.mjs", target, method=method, client_name=f"Ledger {uuid.uuid4()}", **more)
    registered = result["registered"]
    assert registered["client_id"] != target.client_id
    assert registered["token_endpoint_auth_method"] == method
    assert registered["redirect_uris"] == [target.redirect_uri]
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    assert (result["read"], result["told"]["client_id"]) == (200, registered["client_id"])
    assert (result["deleted"], result["after"]) == (204, 401)
    return registered


def with_a_secret(target: Target) -> None:
    registered = _complete(target, "client_secret_basic")
    assert len(registered["client_secret"]) >= 32
    assert registered["client_secret_expires_at"] == 0


def of_a_public_client(target: Target) -> None:
    assert "client_secret" not in _complete(target, "none")


def that_signs(target: Target) -> None:
    private, public = signing_key("ES256")
    signing = replace(target, signing_key=private)
    registered = _complete(signing, "private_key_jwt", metadata={"jwks": {"keys": [public]}})
    assert registered["jwks"]["keys"][0]["kid"] == public["kid"]
    assert "client_secret" not in registered


SCENARIOS: Mapping[str, Scenario] = {
    "RFC 7591 3 with a secret": (Wanted("web"), with_a_secret),
    "RFC 7591 3 of a public client": (Wanted("web"), of_a_public_client),
    "RFC 7591 3 that signs": (Wanted("web"), that_signs),
}


@pytest.mark.parametrize("scenario", [with_a_secret, of_a_public_client, that_signs])
def test_a_client_registers_itself_and_works_rfc7591_3(running_system: RunningSystem, scenario: Any) -> None:
    target = ours(running_system, Wanted("web"))
    with ManagementClient(running_system) as operator:
        application = operator("GET", f"/clients/{target.client_id}")["application"]
        organization = operator("GET", f"/applications/{application}")["organization"]
        wish = {"organization": organization, "environment": "sandbox", "note": "openid-client", "uses": 1}
        made = operator("POST", "/registration-tokens", wish, status=201)
    scenario(replace(target, initial_access_token=made["token"], scope="accounts"))
