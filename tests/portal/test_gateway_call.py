"""The server-side caller against real TLS servers: what it verifies, presents, limits; and its answers in words."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from propylon.kernel.errors import PropylonError
from propylon.kernel.secret import Secret
from propylon.portal.calling.gateway_call import (
    MOST_SHOWN,
    GatewayAnswer,
    GatewayRequest,
    PresentedIdentity,
    call_gateway,
    own_address,
)
from propylon.portal.calling.shown_answer import shown_answer
from propylon.portal.calling.trying import Tried

BIG = b"x" * (MOST_SHOWN * 4)


def self_signed(name: str) -> tuple[str, str]:
    """(Certificate, key) as PEM, for loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@dataclass
class Server:
    url: str
    ca_file: Path
    identity: PresentedIdentity
    seen: list[tuple[str, dict[str, str], str]] = field(default_factory=list)  # (path, headers, client's CN)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    certificate, key = self_signed("gateway")
    shown, shown_key = self_signed("svcPartnerV01")
    (tmp_path / "server.pem").write_text(certificate + key)
    (tmp_path / "ca.crt").write_text(certificate)
    (tmp_path / "clients.crt").write_text(shown)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            subject = dict(pair[0] for pair in (self.connection.getpeercert() or {}).get("subject", ()))
            found.seen.append((self.path, dict(self.headers), subject.get("commonName", "")))
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(BIG if self.path == "/big" else b"{}")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.load_verify_locations(tmp_path / "clients.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.socket = context.wrap_socket(http.socket, server_side=True)
    found = Server(
        f"https://localhost:{http.server_address[1]}", tmp_path / "ca.crt", PresentedIdentity(shown, Secret(shown_key))
    )
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield found
    http.shutdown()
    thread.join()
    http.server_close()


def request_to(url: str, token: str = "secret-token") -> GatewayRequest:
    return GatewayRequest("GET", url, (("Accept", "application/json"),), None, Secret(token))


def test_it_presents_token_and_certificate(server: Server) -> None:
    answer = call_gateway(request_to(f"{server.url}/a?b=1"), ca_file=server.ca_file, identity=server.identity)
    assert answer.status == 200
    [(path, headers, common_name)] = server.seen
    assert (path, headers["Authorization"], common_name) == ("/a?b=1", "Bearer secret-token", "svcPartnerV01")


def test_no_key_is_left_in_a_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    call_gateway(request_to(server.url + "/"), ca_file=server.ca_file, identity=server.identity)


def test_a_stranger_in_the_gateways_place_gets_no_token(server: Server, tmp_path: Path) -> None:
    """RFC 9110 section 4.3.4: a certificate that does not verify ends it before anything is sent."""
    with pytest.raises(PropylonError, match=r"console\.gateway\.unreachable"):
        call_gateway(request_to(server.url + "/"), ca_file=tmp_path / "no-such-ca.crt", identity=None)
    assert server.seen == []


def test_nobody_there_is_said_in_a_sentence() -> None:
    with pytest.raises(PropylonError) as told:
        call_gateway(request_to("https://localhost:1/"), ca_file=Path("none"), identity=None)
    assert "secret-token" not in f"{told.value} {told.value.detail}"


def test_a_large_body_is_cut(server: Server) -> None:
    answer = call_gateway(request_to(f"{server.url}/big"), ca_file=server.ca_file, identity=None)
    assert (len(answer.body), answer.is_cut) == (MOST_SHOWN, True)


def test_a_redirect_is_shown_not_followed(server: Server) -> None:
    answer = call_gateway(request_to(f"{server.url}/away"), ca_file=server.ca_file, identity=None)
    assert answer.status == 302
    assert [path for path, _, _ in server.seen] == ["/away"]


def test_the_address_that_a_gateway_sees_is_found_without_sending() -> None:
    assert own_address("https://127.0.0.1:8443") == "127.0.0.1"
    assert own_address("https://no-such-host.invalid") == ""


def tried(status: int, body: bytes, content_type: str = "application/json", *, is_cut: bool = False) -> Tried:
    headers = (("Content-Type", content_type), ("RequestTrackingId", "8a79acea-25f6-4d96-9b20-0a75690b8157"))
    answer = GatewayAnswer(status, "", headers, body, is_cut, 12.3)
    return Tried(request_to("https://localhost:8443/sandbox/x"), answer, "ct_1")


def test_a_refusal_of_the_gateway_is_told_with_what_to_mend() -> None:
    body = b'{"code":"gateway.source.refused","message":"Add the address.","trackingId":"x"}'
    shown = shown_answer(tried(403, body))
    assert (shown.title, shown.sentence, shown.mend) == (
        "The gateway refused the call",
        "Add the address.",
        "source-ranges",
    )


def test_the_request_is_shown_without_its_token() -> None:
    shown = shown_answer(tried(200, b"{}"))
    assert "Bearer \u2022" in shown.request_text
    assert "secret-token" not in repr(shown)


@pytest.mark.parametrize(
    ("body", "content_type", "language", "part"),
    [
        (b'{"a":{"b":1}}', "application/json", "json", '{\n  "a": {\n    "b": 1'),
        (b"<a>1</a>", "application/xml", "xml", "<a>1</a>"),
        (b"\xff\xfe\x00\x01", "image/png", "text", "4 bytes that are no text."),
        (b"[" * 20_000, "application/json", "json", "[[[["),
        (b"", "", "text", ""),
    ],
)
def test_any_body_can_be_shown(body: bytes, content_type: str, language: str, part: str) -> None:
    shown = shown_answer(tried(200, body, content_type))
    assert shown.body_language == language
    assert shown.body_text.startswith(part)


def test_a_cut_body_says_so() -> None:
    assert "the rest is not shown" in shown_answer(tried(200, "å".encode()[:1] + b"x", is_cut=True)).body_text
