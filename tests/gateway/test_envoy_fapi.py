"""What FAPI 2.0 asks of a resource server, over the wire: what no other file here shows."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

LIST = "/sandbox/accounts/v1/accounts"
ID = "93bac548-d2de-4546-b106-880a5018460d"
SENT = {
    "a customer at an IPv4 address": {"x_fapi_customer_ip_address": "198.51.100.119"},
    "a customer at an IPv6 address": {"x_fapi_customer_ip_address": "2001:db8::1893:25c8:1946"},
    "when the customer logged in": {"x_fapi_auth_date": "Sun, 22 Nov 2026 19:43:31 GMT"},
    "anything is accepted": {"Accept": "*/*"},
    "JSON with a character set is accepted": {"Accept": "application/json;charset=UTF-8"},
}


@pytest.mark.parametrize("case", SENT)
def test_headers_of_a_fapi_call_are_taken(gateway, case):
    """FAPI 1.0, 6.2.1 and 6.2.2, which judges of FAPI 2.0 still send."""
    mine = gateway.certificate("svc-a")
    token = gateway.token(x5h=mine.fingerprint)
    answer = gateway.call(LIST, token=token, listener="mutual", certificate=mine, **SENT[case])
    assert answer.status == 200, answer.body
    for name, value in SENT[case].items():
        assert answer.json()["headers"][name.replace("_", "-").lower()] == value


@pytest.mark.parametrize("has_token", [True, False], ids=["a call", "a refused call"])
def test_every_answer_has_a_date_and_the_callers_interaction_id(gateway, has_token):
    """The date within five minutes, the id as it was sent (FAPI 1.0, 6.2.1-10 and 6.2.1-11)."""
    answer = gateway.call(LIST, token=gateway.token() if has_token else None, x_fapi_interaction_id=ID)
    assert answer.status == (200 if has_token else 401)
    assert abs(parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert answer.headers["x-fapi-interaction-id"] == ID


def test_a_live_token_is_of_no_use_with_an_expired_certificate_rfc8705_6_3(gateway):
    expired = gateway.authority.issue("svc-expired", days=-1)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        gateway.call(LIST, token=gateway.token(x5h=expired.fingerprint), listener="mutual", certificate=expired)


@pytest.mark.parametrize("name", ["/oauth/authorize", "/oauth/login", "/oauth/consent"])
def test_no_page_of_another_site_reads_login_or_consent_fapi2_5_2_3_3(gateway, name):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    for method in ("OPTIONS", "GET"):
        answer = gateway.call(name, method, **asked)
        assert not [header for header in answer.headers if header.startswith("access-control-")], method


@pytest.mark.parametrize("listener", ["public", "mutual"])
def test_nothing_is_answered_without_tls_fapi2_5_2_1_1(gateway, listener):
    """There is no listener that a downgraded request could reach; plain HTTP on a TLS port gets no HTTP answer."""
    port = getattr(gateway.model.listeners, f"{listener}_port")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"GET /oauth/authorize HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            received = plain.recv(4096)
        except ConnectionError:
            received = b""
    assert not received.startswith(b"HTTP/")
