"""Both layouts on a real Envoy: one host for everything (all other tests here), and a host for every part."""

from __future__ import annotations

import json
import socket
import ssl
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from propylon.gateway.model import Environment, Listeners

PORTAL, AUTH, AUTH_MUTUAL = "developer.bank.example", "auth.bank.example", "auth-mtls.bank.example"
API, API_MUTUAL, TEST = "api.bank.example", "api-mtls.bank.example", "test.api.bank.example"
LIST = "/accounts/v1/accounts"
ALIASES = ("/mga/sps/oauth/oauth20/authorize", "/mga/sps/oauth/oauth20/token")


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def parted(gateway):
    """Portal, authorization server and two environments with hosts of their own; the same upstreams behind it."""
    public_port, mutual_port = free_ports(2)
    issuer = type(gateway.issuer)(f"https://{AUTH}")
    accounts = gateway.model.publications[0]
    model = replace(
        gateway.model,
        listeners=Listeners(
            "127.0.0.1",
            public_port,
            mutual_port,
            f"https://{PORTAL}",
            f"https://{PORTAL}:444",
            issuer.issuer,
            f"https://{AUTH_MUTUAL}:444",
        ),
        environments=(
            Environment("production", "", f"https://{API}", tuple(sorted((API, API_MUTUAL)))),
            Environment("sandbox", "", f"https://{TEST}", (TEST,)),
        ),
        publications=tuple(
            replace(accounts, environment=name, base_path="/accounts/v1") for name in ("production", "sandbox")
        ),
        jwks=issuer.jwks,
        authorization_aliases=ALIASES,
    )
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        running = type(gateway)(Path(folder), model, issuer, gateway.authority, gateway.stranger)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def called(parted, host, path, listener="public", certificate=None, **more):
    """With the name in SNI and Host, at the loopback address."""
    connection = parted.connect(listener, certificate)
    context = ssl.create_default_context(cafile=str(parted.authority.file))
    context.check_hostname = False  # the names of a certificate are tested where it is made
    if certificate is not None:
        context.load_cert_chain(certificate.file)
    plain = socket.create_connection(("127.0.0.1", connection.port), 10)
    connection.sock = context.wrap_socket(plain, server_hostname=host)
    try:
        return parted.call(path, connection=connection, Host=host, **more)
    finally:
        connection.close()


def token(parted, environment):
    audience = next(each.audience for each in parted.model.environments if each.name == environment)
    return parted.issuer.token(audience, env=environment)


@pytest.mark.parametrize(("host", "environment"), [(API, "production"), (API_MUTUAL, "production"), (TEST, "sandbox")])
def test_an_environment_answers_at_the_root_of_its_host(parted, host, environment):
    answer = called(parted, host, LIST, token=token(parted, environment))
    assert answer.status == 200
    heard = answer.json()
    assert heard["path"] == LIST
    assert heard["headers"]["x-forwarded-host"] == host
    assert heard["headers"]["x-forwarded-prefix"] == "/accounts/v1"
    assert heard["headers"]["x-forwarded-port"] == "443"
    assert "x-propylon-origin" not in heard["headers"]
    record = parted.record(answer.tracking_id)
    assert (record["environment"], record["product"], record["operation"]) == (environment, "accounts", "listAccounts")


def test_links_of_a_call_on_mutual_lead_back_there(parted):
    answer = called(parted, API, LIST, "mutual", parted.certificate("svc-hosts"), token=token(parted, "production"))
    assert answer.status == 200
    assert answer.json()["headers"]["x-forwarded-port"] == "444"


def test_on_mutual_a_certificate_is_asked_for_anywhere_on_an_environments_host(parted):
    for path in (LIST, "/", "/elsewhere"):
        assert called(parted, API, path, "mutual").json()["code"] == "gateway.certificate.missing"


def test_a_token_is_good_on_the_host_of_its_environment_alone(parted):
    sandbox = token(parted, "sandbox")
    refused = called(parted, API, LIST, token=sandbox)
    assert (refused.status, refused.json()["code"]) == (401, "gateway.token.audience")
    assert called(parted, TEST, LIST, token=sandbox).status == 200


def test_the_issuer_is_the_authorization_servers_host(parted):
    other = type(parted.issuer)(f"https://{PORTAL}")
    other.key = parted.issuer.key
    assert called(parted, API, LIST, token=other.token(f"https://{API}")).status == 401


STYLES = "/static/design/design.css"
METADATA = "/.well-known/openid-configuration"
SERVED = {
    PORTAL: ["/", "/products", "/console/queue", "/manage/v1/openapi.json", "/ca.crt", STYLES],
    AUTH: ["/oauth/token", "/oauth/authorize", METADATA, STYLES],
    API: [],
}
REFUSED = {
    PORTAL: ["/oauth/token", METADATA, "/oauth"],
    AUTH: ["/", "/products", "/console/queue", "/manage/v1/users", "/sign-in", LIST, "/ca.crt"],
    API: ["/", "/console", "/manage/v1/users", "/oauth/token", METADATA, STYLES, f"/production{LIST}", f"/api{LIST}"],
}


@pytest.mark.parametrize("host", [PORTAL, AUTH, API])
def test_each_host_serves_its_own_part_and_refuses_the_others(parted, host):
    expected = dict.fromkeys(SERVED[host], 200) | dict.fromkeys(REFUSED[host], 404)
    assert {path: called(parted, host, path).status for path in expected} == expected
    assert called(parted, host, "/health/ready").status == 200


def test_an_alias_leads_to_the_authorization_server_on_its_hosts_alone(parted):
    """PROTOCOL 3.6: exactly the paths that were named, with what the gateway says of the caller."""
    certificate = parted.certificate("svc-hosts")
    for path in ALIASES:
        answer = called(parted, AUTH, path, x_propylon_source_address="192.0.2.9")
        assert (answer.status, answer.json()["path"]) == (200, path)
        assert answer.json()["headers"]["x-propylon-source-address"] == "127.0.0.1"
        mutual = called(parted, AUTH_MUTUAL, path, "mutual", certificate)
        assert mutual.json()["headers"]["x-propylon-listener"] == "mutual"
        assert "BEGIN%20CERTIFICATE" in mutual.json()["headers"]["x-propylon-peer-certificate"]
        assert called(parted, API, path).status == 404
        for other in (f"{path}/x", f"{path}x", path.upper(), "/mga/sps/oauth/oauth20"):
            assert called(parted, AUTH, other).status == 404


def test_without_the_setting_there_is_no_such_path(gateway):
    for path in ALIASES:
        assert gateway.call(path, listener="mutual", certificate=gateway.certificate("svc-alias")).status == 404


def test_an_api_is_not_on_the_portals_host(parted):
    answer = called(parted, PORTAL, LIST, token=token(parted, "production"))
    assert json.loads(answer.body)["headers"]["host"] == PORTAL  # the portal's own answer, which here is an echo
    assert "x-propylon-client" not in answer.json()["headers"]


@pytest.mark.parametrize("host", ["stranger.example", "bank.example", "x.api.bank.example", f"{API}.stranger.example"])
def test_an_unknown_host_is_misdirected(parted, host):
    for path in ("/", LIST, "/oauth/token", "/health/ready"):
        assert called(parted, host, path, token=token(parted, "production")).status == 421


@pytest.mark.parametrize("host", [API, TEST])
def test_the_mutual_listener_has_no_portal_on_any_host(parted, host):
    certificate = parted.certificate("svc-hosts")
    for name in (PORTAL, AUTH, host):
        assert called(parted, name, "/products", "mutual", certificate).status == 404
    assert called(parted, AUTH_MUTUAL, "/oauth/token", "mutual", certificate).status == 200


def test_the_host_does_not_move_a_path_over(parted):
    """Traversal out of a version stays on the host that was called."""
    assert called(parted, API, "/accounts/v1/../../oauth/token").status == 404
    assert called(parted, API, "/accounts/v1/%2e%2e/%2e%2e/").status == 404
