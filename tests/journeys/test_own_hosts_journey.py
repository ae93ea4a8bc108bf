"""The other layout on real processes: portal, authorization server and each environment on a host of their own."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import subprocess
import sys
import time
import uuid

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from running_system import free_port

PORTAL, AUTH, API, TEST = "developer.localhost", "auth.localhost", "api.localhost", "test.api.localhost"


@pytest.fixture
def parted(start_system):
    public, mutual = free_port(), free_port()
    system = start_system(
        ports=(public, mutual),
        PROPYLON_PUBLIC_URL=f"https://{PORTAL}:{public}",
        PROPYLON_ISSUER_URL=f"https://{AUTH}:{public}",
        PROPYLON_ENVIRONMENT_URLS=f"production=https://{API}:{public}, sandbox=https://{TEST}:{public}",
    )
    system.wait_until_ready()
    return system


def asked(system, method, url, application=None, **more):
    """At the loopback address, whatever the name resolves to; the certificate must be for the name."""
    parts = httpx.URL(url)
    context = ssl.create_default_context(cafile=str(system.home.ca_file))
    if application is not None:
        context.load_cert_chain(application.certificate_file, application.private_key_file)
    headers = {"Host": parts.netloc.decode(), **more.pop("headers", {})}
    address = parts.copy_with(host="127.0.0.1")
    with httpx.Client(verify=context, timeout=20) as client:
        return client.request(method, address, headers=headers, extensions={"sni_hostname": parts.host}, **more)


def proof(key, method, url, token=""):
    claims = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(time.time())}
    if token:
        claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


@pytest.mark.slow
@pytest.mark.system
def test_a_partner_gets_a_token_and_calls_with_a_host_for_every_part(parted):
    demo = parted.demo
    test, mutual = demo.environments["sandbox"]["public_url"], demo.environments["sandbox"]["mutual_url"]
    assert test == f"https://{TEST}:{parted.public_port}"
    assert demo.issuer == f"https://{AUTH}:{parted.public_port}"

    metadata = asked(parted, "GET", f"{demo.issuer}/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == demo.issuer
    endpoint = metadata["mtls_endpoint_aliases"]["token_endpoint"]
    assert endpoint == f"https://{AUTH}:{parted.mutual_port}/oauth/token"

    app = demo.application("server")
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "scope": app.scopes[0]}
    token = asked(parted, "POST", endpoint, app, data=form).json()["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["iss"], claims["aud"]) == (demo.issuer, test)

    bearer = {"Authorization": f"Bearer {token}"}
    sample = demo.products[0].sample_get
    answer = asked(parted, "GET", mutual + sample, app, headers=bearer)
    assert answer.status_code == 200, answer.text
    assert f"{mutual}{sample}/" in answer.text  # links lead back to where the call came from
    elsewhere = [demo.mutual_url + sample, demo.environments["production"]["mutual_url"] + sample]
    assert [asked(parted, "GET", url, app, headers=bearer).status_code for url in elsewhere] == [404, 401]

    # A token that is bound to a key: proofs name the hosts that are really called.
    key = ECKey.generate_key("P-256")
    bound = asked(parted, "POST", endpoint, app, data=form, headers={"DPoP": proof(key, "POST", endpoint)}).json()
    assert bound["token_type"] == "DPoP"
    for named, status in ((mutual + sample, 200), (demo.mutual_url + sample, 401)):
        shown = {"Authorization": f"DPoP {bound['access_token']}"}
        shown["DPoP"] = proof(key, "GET", named, bound["access_token"])
        assert asked(parted, "GET", mutual + sample, app, headers=shown).status_code == status

    start = asked(parted, "GET", f"{demo.public_url}/getting-started")
    assert start.status_code == 200
    assert test in start.text
    assert asked(parted, "GET", f"{demo.public_url}/oauth/jwks").status_code == 404
    assert asked(parted, "GET", f"{demo.issuer}/sign-in").status_code == 404
    login = asked(parted, "GET", f"{demo.issuer}/oauth/authorize")
    assert login.status_code == 400
    assert "/static/" in login.text


@pytest.mark.slow
@pytest.mark.system
def test_the_demonstration_finds_its_way_from_host_to_host(parted):
    told = subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "demo"],
        env=dict(parted.environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "steps did what they say" in told.stdout
    for host in (PORTAL, AUTH, TEST):
        assert f"https://{host}:" in told.stdout
