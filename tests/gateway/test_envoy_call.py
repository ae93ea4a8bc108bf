"""A call that is let through: what the upstream receives, and what the caller gets back."""

from __future__ import annotations

import base64
import json

import pytest

from propylon.kernel.token_claims import UPSTREAM_HEADERS
from propylon.kernel.tracking import is_tracking_id

LIST = "/sandbox/accounts/v1/accounts"


def _decoded(header):
    return base64.b64decode(header, validate=True)


def test_details_of_the_largest_size_reach_an_upstream_whole(gateway):
    details = [{"type": "account_information", "text": "x" * 4000}]
    heard = gateway.call(LIST, token=gateway.token(authorization_details=details)).json()["headers"]
    assert json.loads(_decoded(heard["x-propylon-authorization-details"])) == details
    assert "x-propylon-accounts" not in heard


@pytest.mark.parametrize("rest", ["", "?limit=5", "/a%20b", "/a%20b?from=/sandbox/accounts/v1"])
def test_an_upstream_receives_the_path_below_its_prefix(gateway, rest):
    answer = gateway.call(LIST + rest, token=gateway.token())
    assert (answer.status, answer.json()["path"]) == (200, f"/accounts/v1/accounts{rest}")


def test_an_upstream_receives_the_contract_and_no_more(gateway):
    details = [{"type": "account_information", "accounts": ["acc-000001"], "text": "Hörn >>>>>> ??????"}]
    token = gateway.token(
        gid="grant-1", sub="person-1", authorization_details=details, acc={"accounts": ["acc-000001"]}
    )
    answer = gateway.call(LIST + "?limit=5", token=token)
    assert answer.status == 200, answer.body
    heard = answer.json()["headers"]
    assert answer.json()["path"] == "/accounts/v1/accounts?limit=5"
    expected = {"client": "client-1", "application": "app-1", "subject": "person-1", "scope": "accounts"}
    expected |= {"grant": "grant-1", "environment": "sandbox"}
    assert {f"x-propylon-{name}": value for name, value in expected.items()}.items() <= heard.items()
    assert {name for name in heard if name.startswith("x-propylon-")} == set(UPSTREAM_HEADERS)
    assert json.loads(_decoded(heard["x-propylon-authorization-details"])) == details  # RFC 9396, 9.1
    assert json.loads(_decoded(heard["x-propylon-accounts"])) == {"accounts": ["acc-000001"]}
    assert heard["authorization"] == f"Bearer {token}"
    assert heard["requesttrackingid"] == answer.tracking_id
    port = str(gateway.model.listeners.public_port)
    forwarded = {name: value for name, value in heard.items() if name.startswith("x-forwarded")}
    assert forwarded == {
        "x-forwarded-host": f"localhost:{port}",
        "x-forwarded-port": port,
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": "/sandbox/accounts/v1",
    }
    assert not {name for name in heard if name.startswith("x-envoy")}


def test_a_call_on_mutual_is_forwarded_with_its_own_port_and_nothing_that_was_for_the_gateway(gateway):
    mine = gateway.certificate("svc-a")
    token = gateway.token(x5h=mine.fingerprint, org="org-1", acr="strong", psd2="PSP_AI")
    answer = gateway.call(LIST, token=token, listener="mutual", certificate=mine)
    assert answer.status == 200, answer.body
    heard = answer.json()["headers"]
    assert heard["x-forwarded-port"] == str(gateway.model.listeners.mutual_port)
    assert {name for name in heard if name.startswith("x-propylon-")} <= set(UPSTREAM_HEADERS)


FORGERIES = {
    "X-Propylon-Client": "forged",
    "X-Propylon-Grant": "forged",
    "X-Propylon-Certificate": "forged",
    "X-Propylon-Unheard-Of": "forged",
    "x_propylon_grant": "forged",
    "x_forwarded_client_cert": "forged",
    "X-Forwarded-Client-Cert": "forged",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Prefix": "/forged",
    "X-Forwarded-Host": "forged",
    "X-Envoy-Upstream-Rq-Timeout-Ms": "1",
    "X-Envoy-Original-Path": "/forged",
    "X-Envoy-Unheard-Of": "forged",
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "DELETE",
    "X-Method-Override": "DELETE",
    "Forwarded": "for=192.0.2.1",
    "X-Real-IP": "192.0.2.1",
    "X-Client-IP": "192.0.2.1",
    "True-Client-IP": "192.0.2.1",
    "X-Client-Cert": "forged",
    "X-SSL-Client-Cert": "forged",
    "SSL-Client-Cert": "forged",
    "X-Original-URL": "/forged",
    "X-Rewrite-URL": "/forged",
    "RequestTrackingId": "forged",
}


@pytest.mark.parametrize("path", [LIST, "/sandbox/accounts/v1/rates"], ids=["with a token", "open operation"])
def test_forged_identity_never_reaches_an_upstream(gateway, path):
    answer = gateway.call(path, token=gateway.token(), **FORGERIES)
    assert answer.status == 200, answer.body
    assert "forged" not in str(answer.json())
    assert "192.0.2.1" not in str(answer.json())
    assert "DELETE" not in str(answer.json())
    assert is_tracking_id(answer.tracking_id)


@pytest.mark.parametrize("listener", ["public", "mutual"])
def test_the_web_application_believes_only_the_gateways_word_on_the_certificate(gateway, listener):
    mine = gateway.certificate("svc-a") if listener == "mutual" else None
    forged = {
        "x-propylon-peer-certificate": "forged",
        "x-propylon-peer-fingerprint": "forged",
        "x_propylon_peer_certificate": "forged",
        "x-propylon-source-address": "192.0.2.1",
        "x-propylon-listener": "forged",
    }
    answer = gateway.call("/oauth/token", "POST", listener=listener, certificate=mine, body=b"a=b", **forged)
    heard = answer.json()["headers"]
    own = {name: value for name, value in heard.items() if name.startswith("x-propylon-")}
    expected = {"x-propylon-source-address": "127.0.0.1", "x-propylon-listener": listener}
    if mine:
        assert own.pop("x-propylon-peer-certificate").startswith("-----BEGIN%20CERTIFICATE-----")
        expected["x-propylon-peer-fingerprint"] = mine.fingerprint
    assert own == expected
    assert heard["requesttrackingid"] == answer.tracking_id


def test_an_api_neither_sees_nor_sets_cookies_and_is_never_a_page(gateway):
    answer = gateway.call(LIST, token=gateway.token(), Cookie="session=secret")
    assert "cookie" not in answer.json()["headers"]
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"


def test_the_portal_keeps_its_cookies_and_its_own_policy(gateway):
    answer = gateway.call("/apps", Cookie="session=mine")
    assert answer.json()["headers"]["cookie"] == "session=mine"
    assert "set-cookie" in answer.headers
    assert "content-security-policy" not in answer.headers


def test_the_tracking_id_is_ours_and_the_callers_id_is_echoed(gateway):
    answer = gateway.call(LIST, token=gateway.token(), X_Request_ID="caller-1", x_fapi_interaction_id="fapi-1")
    assert is_tracking_id(answer.tracking_id)
    assert answer.headers["x-request-id"] == "caller-1"
    assert answer.headers["x-fapi-interaction-id"] == "fapi-1"
    assert answer.json()["headers"]["x-request-id"] == "caller-1"
    assert "x-request-id" not in gateway.call(LIST, token=gateway.token()).headers


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_schemes_name_is_case_insensitive_rfc9110_11_1(gateway, scheme):
    answer = gateway.call(LIST, Authorization=f"{scheme} {gateway.token()}")
    assert answer.status == 200, answer.body


def test_a_call_leaves_one_record(gateway):
    mine = gateway.certificate("svc-a")
    token = gateway.token(x5h=mine.fingerprint, gid="grant-1", jti="jti-1")
    account = "/sandbox/accounts/v1/accounts/7?secret=1"
    answer = gateway.call(account, token=token, listener="mutual", certificate=mine, X_Request_ID="mine")
    record = gateway.record(answer.tracking_id)
    expected = {
        "listener": "mutual",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "getAccount",
        "method": "GET",
        "path": "/sandbox/accounts/v1/accounts/7",
        "status": "200",
        "details": "via_upstream",
        "client": "client-1",
        "application": "app-1",
        "grant": "grant-1",
        "jti": "jti-1",
        "caller_id": "mine",
        "address": "127.0.0.1",
        "fingerprint": mine.fingerprint,
        "sent": str(len(answer.body)),
    }
    assert expected.items() <= record.items()
    assert token not in str(record)


def test_rate_limit_headers_tell_the_plan(gateway):
    answer = gateway.call(LIST, token=gateway.token())
    assert answer.headers["ratelimit-limit"] == "1000"
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


def test_a_page_from_elsewhere_may_call_an_api_and_not_the_web_application(gateway):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    answer = gateway.call(LIST, "OPTIONS", **asked)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in gateway.call("/oauth/authorize", "OPTIONS", **asked).headers


def test_head_goes_where_get_goes(gateway):
    answer = gateway.call(LIST, "HEAD", token=gateway.token())
    assert answer.status == 200
    assert answer.body == b""


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/v1/consents", "createConsent"),
        ("GET", "/v1/consents/1", "getConsent"),
        ("GET", "/v1/consents/1/status", "getConsentStatus"),
        ("GET", "/v1/accounts/1/transactions", "transactions"),
        ("POST", "/v1/payments/sepa-credit-transfers", "initiatePayment"),
        ("GET", "/v1/payments/sepa-credit-transfers/1", "getPayment"),
        ("GET", "/v1/payments/sepa-credit-transfers/1/status", "getPaymentStatus"),
    ],
)
def test_literal_paths_beat_templates(gateway, method, path, operation):
    body = b"{}" if method == "POST" else None
    answer = gateway.call("/sandbox/psd2" + path, method, token=gateway.token(scope="accounts payments"), body=body)
    assert answer.status == 200, answer.body
    assert answer.json()["path"] == "/mocks/psd2" + path
    assert gateway.record(answer.tracking_id)["operation"] == operation


def test_a_body_of_unknown_length_arrives_whole(gateway):
    answer = gateway.call(LIST, "POST", token=gateway.token(), body=iter([b"x" * 7_000, b"y" * 7_000]))
    assert answer.status == 200, answer.body
    assert answer.json()["length"] == 14_000
