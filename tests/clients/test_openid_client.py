"""openid-client (npm, a certified FAPI 2.0 relying party), unchanged, against the running system.

Its scenarios run against node oidc-provider, too: test_oracle.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clients.node_scripts import drive
from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem


def _complete(target: Target, grant: str, **more: Any) -> dict[str, Any]:
    result = drive("openid_client.mjs", target, grant=grant, **more)
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    return result


def client_credentials(target: Target) -> dict[str, Any]:
    result = _complete(target, "client_credentials")
    assert result["tokens"]["token_type"].lower() == "bearer"
    return result


def client_credentials_bound_to_a_key(target: Target) -> None:
    result = _complete(target, "client_credentials", dpop="EdDSA")
    assert result["tokens"]["token_type"].lower() == "dpop"


def code_flow(target: Target, **more: Any) -> None:
    result = _complete(target, "authorization_code", **more)
    assert result["refreshed"]["access_token"] != result["tokens"]["access_token"]


def pushed_code_flow(target: Target) -> None:
    code_flow(target, pushed=True)


def key_bound_code_flow(target: Target, algorithm: str = "ES256", **more: Any) -> None:
    result = _complete(target, "authorization_code", dpop=algorithm, **more)
    assert {result[name]["token_type"].lower() for name in ("tokens", "refreshed")} == {"dpop"}


def pushed_key_bound_code_flow(target: Target) -> None:
    key_bound_code_flow(target, pushed=True)


def signed_code_flow(target: Target) -> None:
    code_flow(target, signs_requests=True)


def pushed_signed_code_flow(target: Target) -> None:
    key_bound_code_flow(target, pushed=True, signs_requests=True)


def openid_connect(target: Target, **more: Any) -> None:
    result = _complete(target, "authorization_code", scope=f"openid {target.scope}", **more)
    assert result["userinfo"]["sub"]


def asked_elsewhere(target: Target, **more: Any) -> None:
    result = _complete(target, "ciba", scope=f"openid {target.scope}", **more)
    assert result["userinfo"]["sub"]


def asked_elsewhere_bound_to_a_key(target: Target) -> None:
    asked_elsewhere(target, dpop="ES256")


SCENARIOS: Mapping[str, Scenario] = {
    "RFC 6749 4.4 with RFC 8705 2.1": (Wanted("server"), client_credentials),
    "RFC 6749 4.4 with RFC 8705 and RFC 9449": (Wanted("server", proves_key=True), client_credentials_bound_to_a_key),
    "RFC 6749 4.1 with a secret": (Wanted("web"), code_flow),
    "RFC 6749 4.1 of a public client": (Wanted("spa"), code_flow),
    "RFC 8252 4": (Wanted("native"), code_flow),
    "FAPI 2.0 with certificates": (Wanted("web", "fapi2"), pushed_code_flow),
    "FAPI 2.0 with a key": (Wanted("web", "fapi2", proves_key=True), pushed_key_bound_code_flow),
    "RFC 9449 of a public client": (Wanted("spa"), key_bound_code_flow),
    "private_key_jwt": (Wanted("web", signs="Ed25519"), code_flow),
    "FAPI 2.0 that signs": (Wanted("web", "fapi2", signs="ES256"), pushed_key_bound_code_flow),
    "RFC 9101 and JARM": (Wanted("web", signs="PS256"), signed_code_flow),
    "FAPI 2.0 Message Signing": (Wanted("web", "fapi2", signs="PS256"), pushed_signed_code_flow),
    "CIBA Core 7 and 11": (Wanted("web", asks_customers=True), asked_elsewhere),
    "OpenID Connect Core 3.1 and 5.3": (Wanted("spa"), openid_connect),
}


def test_client_credentials_with_mutual_tls(running_system: RunningSystem) -> None:
    """RFC 6749 section 4.4 and RFC 8705 section 2.1."""
    result = client_credentials(ours(running_system, Wanted("server")))
    assert len(result["tracking_id"]) == 36


@pytest.mark.parametrize("type_", ["web", "spa", "native"])
def test_code_flow_with_pkce(running_system: RunningSystem, type_: str) -> None:
    """RFC 6749 section 4.1, RFC 7636, RFC 9207 (openid-client checks `iss` by itself)."""
    code_flow(ours(running_system, Wanted(type_)))


def test_code_flow_of_the_fapi2_profile_with_par(running_system: RunningSystem) -> None:
    """FAPI 2.0 Security Profile: PAR (RFC 9126), PKCE, mutual TLS, certificate-bound tokens."""
    pushed_code_flow(ours(running_system, Wanted("web", "fapi2")))


@pytest.mark.parametrize(("type_", "algorithm"), [("spa", "ES256"), ("native", "PS256")])
def test_code_flow_with_key_bound_tokens(running_system: RunningSystem, type_: str, algorithm: str) -> None:
    """RFC 9449: code, refresh token and call, each with a proof; the refreshed token calls the API."""
    key_bound_code_flow(ours(running_system, Wanted(type_)), algorithm)


def test_a_service_token_bound_to_certificate_and_key(running_system: RunningSystem) -> None:
    """RFC 8705 and RFC 9449 together, on the mutual listener."""
    client_credentials_bound_to_a_key(ours(running_system, Wanted("server")))


def test_code_flow_of_the_fapi2_profile_with_a_key(running_system: RunningSystem) -> None:
    """RFC 9449 section 10.1: the proof at PAR binds the code."""
    pushed_key_bound_code_flow(ours(running_system, Wanted("web", "fapi2")))


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_code_flow_of_a_client_that_signs(running_system: RunningSystem, algorithm: str) -> None:
    """private_key_jwt, OpenID Connect Core section 9, with each algorithm that FAPI 2.0 allows."""
    code_flow(ours(running_system, Wanted("web", signs=algorithm)))


def test_code_flow_of_the_fapi2_profile_that_signs_and_binds_to_a_key(running_system: RunningSystem) -> None:
    """FAPI 2.0 Security Profile without any certificate: private_key_jwt, PAR, PKCE, DPoP."""
    pushed_key_bound_code_flow(ours(running_system, Wanted("web", "fapi2", signs="ES256")))


@pytest.mark.parametrize(("profile", "scenario"), [("standard", signed_code_flow), ("fapi2", pushed_signed_code_flow)])
def test_code_flow_with_signed_requests_and_answers(running_system: RunningSystem, profile: str, scenario: Any) -> None:
    """FAPI 2.0 Message Signing: RFC 9101 (pushed under fapi2) and JARM, verified by the client."""
    scenario(ours(running_system, Wanted("web", profile, signs="PS256")))


@pytest.mark.parametrize("more", [{}, {"dpop": "ES256"}])
def test_openid_connect_with_id_token_and_userinfo(running_system: RunningSystem, more: dict[str, Any]) -> None:
    """OpenID Connect Core sections 3.1 and 5.3; the client verifies the ID token and that both name one subject."""
    openid_connect(ours(running_system, Wanted("spa")), **more)


def test_a_customer_is_asked_elsewhere_and_the_client_polls(running_system: RunningSystem) -> None:
    """CIBA Core sections 7, 10.1 and 11; the ID token is verified by the client."""
    asked_elsewhere_bound_to_a_key(ours(running_system, Wanted("web", asks_customers=True)))
