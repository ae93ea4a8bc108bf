"""oauth4webapi (npm), unchanged: it reads every answer strictly. The same scenarios run in test_oracle.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clients.node_scripts import drive
from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem


def _complete(target: Target, grant: str, token_type: str, **more: Any) -> dict[str, Any]:
    """The whole life of a token: got, refreshed, used, introspected, revoked, introspected again."""
    result = drive("oauth4webapi.mjs", target, grant=grant, **more)
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    assert {result[name]["token_type"].lower() for name in ("tokens", "refreshed")} == {token_type}
    assert result["before"]["active"] is True
    assert result["before"]["client_id"] == target.client_id
    assert result["after"] == {"active": False}, "RFC 7662 section 2.2: and nothing beside it"
    return result


def fapi2_with_certificates(target: Target) -> None:
    result = _complete(target, "authorization_code", "bearer", pushed=True)
    assert result["before"]["cnf"]["x5t#S256"], "RFC 8705 section 3.2"


def fapi2_with_a_certificate_and_a_key(target: Target) -> None:
    result = _complete(target, "authorization_code", "dpop", pushed=True, dpop="PS256")
    assert result["before"]["cnf"]["jkt"], "RFC 9449 section 6.2"


def fapi2_that_signs(target: Target) -> None:
    _complete(target, "authorization_code", "dpop", pushed=True, dpop="ES256")


def fapi2_message_signing(target: Target) -> None:
    what = {"pushed": True, "dpop": "ES256", "signs_requests": True, "signed_introspection": True}
    _complete(target, "authorization_code", "dpop", **what)


def openid_connect(target: Target) -> None:
    result = drive("oauth4webapi.mjs", target, grant="authorization_code", scope=f"openid {target.scope}")
    assert result["status"] == 200, result
    assert result["subject"]
    assert result["refreshed"]["access_token"] != result["tokens"]["access_token"]


def client_credentials(target: Target) -> None:
    result = _complete(target, "client_credentials", "bearer")
    assert result["before"]["cnf"]["x5t#S256"]


SCENARIOS: Mapping[str, Scenario] = {
    "FAPI 2.0: PAR, PKCE, mutual TLS": (Wanted("web", "fapi2"), fapi2_with_certificates),
    "FAPI 2.0: PAR, PKCE, mutual TLS, DPoP": (
        Wanted("web", "fapi2", proves_key=True),
        fapi2_with_a_certificate_and_a_key,
    ),
    "FAPI 2.0: PAR, PKCE, private_key_jwt, DPoP": (Wanted("web", "fapi2", signs="ES256"), fapi2_that_signs),
    "FAPI 2.0 Message Signing: JAR, JARM, RFC 9701": (Wanted("web", "fapi2", signs="PS256"), fapi2_message_signing),
    "OpenID Connect Core 3.1: nonce and ID token": (Wanted("web"), openid_connect),
    "RFC 6749 4.4 with RFC 8705 2.1": (Wanted("server"), client_credentials),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_oauth4webapi_completes(running_system: RunningSystem, name: str) -> None:
    wanted, scenario = SCENARIOS[name]
    scenario(ours(running_system, wanted))
