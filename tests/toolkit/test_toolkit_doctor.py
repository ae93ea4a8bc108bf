"""What stands between a program and the API is said in words: against a plain TLS server, and through proxies."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.kernel.errors import PropylonError
from propylon.toolkit.bearer_token import thumbprint
from propylon.toolkit.contents import NamedFile
from propylon.toolkit.doctor import Diagnosis, Patient, examine, target_of
from propylon.toolkit.inspection import Inspection, inspect
from propylon.toolkit.reading import read_files
from toolkit.examples import Made, Wish, authorities, ec_key, key_pem, made
from toolkit.tls_places import (
    Place,
    files,
    forwarding_proxy,
    http,
    opening_proxy,
    place,
    read_head,
    refusing_proxy,
    tls_server,
)

LONG = datetime(2046, 1, 1, tzinfo=UTC)
EARLY = datetime(2025, 1, 1, tzinfo=UTC)
LOCAL = ((x509.SubjectAlternativeName([x509.DNSName("localhost")]), False),)
SERVER = Wish(
    names=((NameOID.COMMON_NAME, "localhost"),),
    start=EARLY, end=LONG, extended=(ExtendedKeyUsageOID.SERVER_AUTH,), more=LOCAL, key=lambda: ec_key(20),
)  # fmt: skip
CLIENT = made(Wish(start=EARLY, end=LONG))
STRANGER = made(Wish(start=EARLY, end=LONG, key=lambda: ec_key(21)), self_signed=True)
OK = http("200 OK", b'{"accounts": []}')


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.crt"
    file.write_bytes(authorities()[0].pem)
    return file


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


Serve = Callable[..., Place]


@pytest.fixture
def serve(tmp_path: Path, ca: Path) -> Iterator[Serve]:
    """A TLS server that demands a certificate of our authority, unless said otherwise."""
    with contextlib.ExitStack() as stack:

        def start(answer: bytes = OK, *, wish: Wish = SERVER, asks: bool = True, version: int = 0) -> Place:
            own = files(tmp_path, f"server{len(list(tmp_path.iterdir()))}", made(wish))
            return stack.enter_context(place(tls_server(own, ca if asks else None, answer, version)))

        yield start


def looked_at(*parts: bytes, service_account: str = "") -> Inspection:
    contents = read_files([NamedFile(f"file{number}", part) for number, part in enumerate(parts)])
    return inspect(contents, now=datetime.now(UTC), service_account=service_account, is_key_needed=True)


def identity(one: Made = CLIENT) -> Inspection:
    return looked_at(one.pem + one.chain_pem, one.key_pem)


def examined(port: int, ca: Path | None, inspection: Inspection | None = None, **more: Any) -> Diagnosis:
    host = more.pop("host", "localhost")
    patient = Patient(f"https://{host}:{port}/accounts", inspection, str(ca) if ca else None, seconds=3, **more)
    return examine(patient, now=datetime.now(UTC))


def codes(found: Diagnosis) -> set[str]:
    return {each.code for each in found.findings}


def test_all_is_well(serve: Serve, ca: Path) -> None:
    found = examined(serve().port, ca, identity())
    assert codes(found) == set()
    assert all(step.is_good for step in found.steps)


@pytest.mark.parametrize("version", [0, ssl.TLSVersion.TLSv1_2])
def test_no_certificate_sent(serve: Serve, ca: Path, version: int) -> None:
    found = examined(serve(version=version).port, ca)
    assert codes(found) & {"client.nothing_to_send", "client.required"}
    assert not found.is_good


@pytest.mark.parametrize("version", [0, ssl.TLSVersion.TLSv1_2])
def test_a_certificate_of_an_unknown_authority(serve: Serve, ca: Path, version: int) -> None:
    assert "client.unknown_authority" in codes(examined(serve(version=version).port, ca, identity(STRANGER)))


def test_an_expired_certificate(serve: Serve, ca: Path) -> None:
    old = made(Wish(start=EARLY, end=EARLY + timedelta(days=9)))
    found = examined(serve().port, ca, identity(old))
    assert {"certificate.expired", "client.expired"} <= codes(found)


def test_a_wrong_common_name_is_told_though_the_handshake_goes_through(serve: Serve, ca: Path) -> None:
    named = looked_at(CLIENT.pem, CLIENT.chain_pem, CLIENT.key_pem, service_account="svcOtherV01")
    found = examined(serve().port, ca, named)
    assert codes(found) == {"common_name.wrong"}


def test_a_key_that_does_not_fit_is_told_before_anything_is_sent(serve: Serve, ca: Path) -> None:
    heard: list[bytes] = []
    with place(lambda connection: heard.append(connection.recv(1))) as silent:
        found = examined(silent.port, ca, looked_at(CLIENT.pem, key_pem(ec_key(30))))
    assert codes(found) == {"key.does_not_fit"}
    assert heard == []


def test_wrong_ports(serve: Serve, ca: Path) -> None:
    assert codes(examined(serve(asks=False).port, ca, identity())) == {"client.not_asked"}
    with place(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as plain:
        assert codes(examined(plain.port, ca, identity())) == {"port.no_tls"}
        free = plain.port
    assert codes(examined(free, ca, identity())) == {"port.refused"}
    with place(lambda connection: None) as rude:
        assert codes(examined(rude.port, ca, identity())) == {"port.hangs_up"}


def test_the_servers_own_certificate(serve: Serve, ca: Path, tmp_path: Path) -> None:
    """The sentence names who issued what was shown: a proxy of the company has a telling name."""
    unknown = examined(serve().port, None, identity())
    assert codes(unknown) == {"server.unknown_authority"}
    assert "Nordic Issuing" in unknown.findings[0].sentence
    assert codes(examined(serve().port, ca, identity(), host="127.0.0.1")) == {"server.other_name"}
    old = Wish(**{**SERVER.__dict__, "end": EARLY + timedelta(days=9)})
    assert codes(examined(serve(wish=old).port, ca, identity())) == {"server.expired"}


@pytest.mark.parametrize(
    ("status", "code", "finding"),
    [
        ("401 Unauthorized", "gateway.certificate.missing", "answer.certificate_missing"),
        ("401 Unauthorized", "gateway.certificate.revoked", "answer.certificate_revoked"),
        ("401 Unauthorized", "gateway.token.binding", "answer.token_bound_elsewhere"),
        ("401 Unauthorized", "gateway.token.missing", "answer.token_missing"),
        ("401 Unauthorized", "gateway.token.expired", "answer.token_refused"),
        ("403 Forbidden", "gateway.source.refused", "answer.address_refused"),
        ("404 Not Found", "gateway.path.unknown", "answer.path_unknown"),
        ("421 Misdirected Request", "gateway.host.unknown", "answer.host_unknown"),
        ("429 Too Many Requests", "gateway.rate.exceeded", "answer.quota"),
        ("500 Internal Server Error", "gateway.unavailable", "answer.refused"),
    ],
)
def test_answers_of_the_gateway(serve: Serve, ca: Path, status: str, code: str, finding: str) -> None:
    body = json.dumps({"code": code, "message": "What it says."}).encode()
    assert codes(examined(serve(http(status, body)).port, ca, identity())) == {finding}


def test_answers_of_others(serve: Serve, ca: Path) -> None:
    nginx = b"<html><head><title>400 No required SSL certificate was sent</title></head></html>"
    forgot = examined(serve(http("400 Bad Request", nginx, "text/html")).port, ca, identity())
    assert codes(forgot) == {"answer.certificate_missing"}
    page = b"<html><title>Blocked by the firewall</title></html>"
    blocked = examined(serve(http("403 Forbidden", page, "text/html")).port, ca, identity())
    assert codes(blocked) == {"answer.not_from_api"}
    assert "Blocked by the firewall" in blocked.findings[0].next_step
    late = OK.replace(b"Connection: close", b"Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nConnection: close")
    assert codes(examined(serve(late).port, ca, identity())) == {"clock.differs"}


def token(**claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'ES256'})}.{part(claims)}.c2ln"


def test_a_token_bound_to_another_certificate_is_seen_before_the_call(serve: Serve, ca: Path) -> None:
    own = identity()
    assert own.leaf
    bound = {"cnf": {"x5t#S256": thumbprint(own.leaf)}}
    port = serve().port
    assert codes(examined(port, ca, own, token=token(**bound))) == set()
    assert codes(examined(port, ca, own, token=token(cnf={"x5t#S256": "b3RoZXI"}))) == {"token.bound_elsewhere"}
    assert codes(examined(port, ca, own, token=token(cnf={"jkt": "x"}))) == {"token.bound_to_key"}
    assert codes(examined(port, ca, own, token=token(exp=1_700_000_000, **bound))) == {"token.expired"}
    assert codes(examined(port, ca, own, token="opaque")) == {"token.not_readable"}


def test_a_proxy_that_lets_through(serve: Serve, ca: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with place(forwarding_proxy) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{proxy.port}")
        found = examined(serve().port, ca, identity())
    assert codes(found) == {"proxy.used"}
    assert found.is_good
    assert "secret" not in str(found)


def test_a_proxy_that_refuses_is_unreachable_or_gone_past(
    serve: Serve, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    with place(refusing_proxy) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert "proxy.refuses" in codes(examined(server.port, ca, identity()))
        assert codes(examined(server.port, ca, identity(), goes_past_proxy=True)) == set()
    assert "proxy.unreachable" in codes(examined(server.port, ca, identity()))
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert codes(examined(server.port, ca, identity())) == set()


def test_a_proxy_that_opens_tls_is_found_out(
    serve: Serve, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another certificate through the proxy than past it."""
    wish = Wish(
        names=((NameOID.COMMON_NAME, "Company Inspection"),), start=EARLY, end=LONG, more=LOCAL, key=lambda: ec_key(22)
    )
    with place(opening_proxy(files(tmp_path, "proxy", made(wish, self_signed=True)))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = examined(serve().port, ca, identity())
    assert "proxy.opens_tls" in codes(found)
    assert "Company Inspection" in found.findings[0].sentence


def test_nothing_is_sent_to_a_server_that_was_not_verified(tmp_path: Path, ca: Path) -> None:
    heard: list[bytes] = []
    own = files(tmp_path, "evil", made(SERVER, self_signed=True))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own)

    def listen(connection: Any) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(read_head(secured))

    with place(listen) as evil:
        found = examined(evil.port, ca, identity(), token=token(exp=1))
    assert "server.unknown_authority" in codes(found)
    assert [each for each in heard if each] == []


@pytest.mark.parametrize(
    "url", ["", "localhost", "ftp://x", "https://", "https://x:99999/", "https://[::1", "https://x/\r\nHost: y"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(PropylonError) as caught:
        target_of(url)
    assert caught.value.code == "address.invalid"
