"""TLS and connections: which certificates are taken, what is recorded of the others, HTTP/2, changes under way."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace

import httpx
import pytest

from propylon.gateway.model import Trust
from propylon.gateway.trust import trust_resource

LIST = "/sandbox/accounts/v1/accounts"


def _handshakes(gateway):
    file = gateway.folder / "gateway" / "log" / "handshakes.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _refused_handshake(gateway, certificate, until):
    before = len(_handshakes(gateway))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        gateway.call(LIST, token=gateway.token(), listener="mutual", certificate=certificate)
    return until(lambda: _handshakes(gateway)[before:], "the failed handshake's record")[0]


def test_a_strangers_certificate_fails_the_handshake_which_is_recorded_with_its_reason(gateway, until):
    record = _refused_handshake(gateway, gateway.stranger.issue("svc-a"), until)
    assert "CERTIFICATE_VERIFY_FAILED" in record["reason"]
    assert (record["listener"], record["address"]) == ("mutual", "127.0.0.1")


def test_a_certificate_on_the_revocation_list_fails_the_handshake(gateway, until):
    mine, other = gateway.authority.issue("svc-listed"), gateway.certificate("svc-b")
    gateway.deliver(trust_resource(Trust(gateway.authority.pem, gateway.authority.crl(mine))))
    gateway.wait_for_versions()
    try:
        assert "revoked" in _refused_handshake(gateway, mine, until)["reason"].lower()
        assert gateway.call(LIST, token=gateway.token(), listener="mutual", certificate=other).status == 200
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()


def test_without_any_authority_mutual_takes_nobody(gateway, until):
    mine = gateway.certificate("svc-a")
    gateway.deliver(trust_resource(Trust("", "")))
    gateway.wait_for_versions()
    try:
        _refused_handshake(gateway, mine, until)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            gateway.call("/oauth/token", listener="mutual")
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()


@pytest.mark.parametrize("listener", ["public", "mutual"])
def test_tls_before_1_2_is_refused_fapi2_5_2_1(gateway, listener):
    context = ssl.create_default_context(cafile=str(gateway.authority.file))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    port = getattr(gateway.model.listeners, f"{listener}_port")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://localhost:{port}/health", verify=context)


def test_a_suite_without_forward_secrecy_is_refused_rfc9325_4_1(gateway):
    context = ssl.create_default_context(cafile=str(gateway.authority.file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{gateway.model.listeners.public_url}/health", verify=context)


def _http2(gateway):
    context = ssl.create_default_context(cafile=str(gateway.authority.file))
    return httpx.Client(http2=True, verify=context, base_url=gateway.model.listeners.public_url)


def test_http2_is_the_same_gateway(gateway):
    bearer = {"Authorization": f"bEaReR {gateway.token()}"}
    with _http2(gateway) as client:
        answer = client.get(LIST, headers=bearer)
        assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
        assert client.get(LIST).json()["code"] == "gateway.token.missing"
        assert client.get(f"{LIST}?x=".ljust(2048, "x"), headers=bearer).status_code == 200
        assert client.get(f"{LIST}?x=".ljust(2049, "x"), headers=bearer).status_code == 414
        assert (
            client.get(LIST, headers={**bearer, "x-propylon-client": "forged"}).json()["headers"]["x-propylon-client"]
            == "client-1"
        )
        many = client.post(LIST, headers=bearer, content=iter([b"x" * 5000] * 9))
        assert many.status_code == 413


def test_a_page_elsewhere_reads_refusals_too(gateway):
    answer = gateway.call(LIST, Origin="https://app.example")
    assert answer.status == 401
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "RequestTrackingId" in answer.headers["access-control-expose-headers"]


def test_new_routes_drop_no_open_connection(gateway):
    connection = gateway.connect()
    assert gateway.call(LIST, token=gateway.token(), connection=connection).status == 200
    socket = connection.sock
    moved = replace(gateway.model, publications=gateway.model.publications[1:])
    gateway.deliver_model(moved)
    gateway.wait_for_versions()
    try:
        assert gateway.call(LIST, token=gateway.token(), connection=connection).status == 404
        assert connection.sock is socket
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()
        connection.close()


def test_a_new_signing_key_counts_at_once(gateway):
    successor = type(gateway.issuer)(gateway.issuer.issuer)
    token = successor.token(gateway.audience)
    assert gateway.call(LIST, token=token).json()["code"] == "gateway.token.signature"
    both = {"keys": [*gateway.issuer.jwks["keys"], *successor.jwks["keys"]]}
    gateway.deliver_model(replace(gateway.model, jwks=both))
    gateway.wait_for_versions()
    try:
        assert gateway.call(LIST, token=token).status == 200
        assert gateway.call(LIST, token=gateway.token()).status == 200
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()


def test_without_signing_keys_every_token_is_refused(gateway):
    gateway.deliver_model(replace(gateway.model, jwks={"keys": []}))
    gateway.wait_for_versions()
    try:
        answer = gateway.call(LIST, token=gateway.token())
        assert answer.status == 401, answer.body
    finally:
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()
