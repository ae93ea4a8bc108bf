"""Hostile callers on a real Envoy: paths, framing, forged identity, clocks, connections that only wait."""

from __future__ import annotations

import contextlib
import resource
import socket
import ssl
import threading
import time

import h2.config
import h2.connection
import h2.events
import pytest

from propylon.kernel.token_claims import CLAIM_HEADERS

LIST = "/sandbox/accounts/v1/accounts"
HANDSHAKE_SECONDS, BODY_SECONDS = 10, 60  # gateway.listeners
MOST_CONNECTIONS = 10_000  # gateway.bootstrap


def asked(gateway, *lines, method="GET", path=LIST, body=b""):
    """Raw lines after those that every good request has."""
    head = (f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {gateway.token()}", *lines, "", "")
    return gateway.raw(b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in head) + body)


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/sandbox/accounts/v1/rates/../accounts", "/accounts/v1/accounts"),
        ("/sandbox/accounts/v1/rates/%2e%2e/accounts", "/accounts/v1/accounts"),
        ("/sandbox/accounts/v1/./accounts", "/accounts/v1/accounts"),
        ("/sandbox/accounts/v1//accounts", "/accounts/v1/accounts"),
        ("//sandbox///accounts/v1/accounts", "/accounts/v1/accounts"),
    ],
)
def test_traversal_is_resolved_before_a_rule_is_looked_for(gateway, path, served):
    """Otherwise a path would be judged by one rule and served by another."""
    assert b" 401 " in gateway.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    received = asked(gateway, path=path)
    assert b" 200 " in received.split(b"\r\n")[0] + b" ", received
    assert f'"path": "{served}"'.encode() in received


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sandbox/accounts/v1/accounts/..%2f..%2fadmin", 400),
        ("/sandbox/accounts/v1/accounts/..%5c..%5cadmin", 400),
        ("/sandbox/accounts/v1/accounts/%2F", 400),
        ("/sandbox/accounts/v1/accounts/\\..\\..\\manage", 404),
        ("/sandbox/accounts/v1/../../../../manage/v1/users/../../../sandbox/accounts/v1/nothing", 404),
        ("/sandbox/accounts/v1/accounts/..;", 404),
        ("/sandbox/accounts/v1/accounts/a%00b", 400),
        ("/sandbox/accounts/v1/accounts#fragment", 400),
    ],
)
def test_what_leads_out_of_a_product_leads_nowhere(gateway, path, status):
    received = asked(gateway, path=path)
    assert received.startswith(f"HTTP/1.1 {status} ".encode()), received
    assert b'"code":"gateway.' in received


@pytest.mark.parametrize("name", ["%252e%252e", "%252f..%252f", "%c0%ae%c0%ae", "a%0d%0ab"])
def test_what_is_encoded_twice_is_one_segment_and_stays_encoded(gateway, name):
    answer = gateway.call(f"{LIST}/{name}", token=gateway.token())
    assert answer.status == 200, answer.body
    assert answer.json()["path"] == f"/accounts/v1/accounts/{name}"


SMUGGLED = b"GET /sandbox/accounts/v1/rates?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
FRAMINGS = {
    "length and chunks": ("Content-Length: 4", "Transfer-Encoding: chunked"),
    "two lengths": ("Content-Length: 0", "Content-Length: 71"),
    "two equal lengths": ("Content-Length: 0, 0",),
    "a signed length": ("Content-Length: +0",),
    "a negative length": ("Content-Length: -1",),
    "a length in hexadecimal": ("Content-Length: 0x0",),
    "two codings": ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "an unknown coding": ("Transfer-Encoding: xchunked",),
    "a coding after chunked": ("Transfer-Encoding: chunked, identity",),
    "a coding with a tab": ("Transfer-Encoding: \x0bchunked",),
    "a space before the colon": ("Content-Length : 71",),
    "a name with a space": ("X Header: 1",),
    "a null": ("X-Null: a\x00b",),
    "no colon": ("no colon at all",),
    "no name": (": nothing",),
}


@pytest.mark.parametrize("framing", sorted(FRAMINGS))
def test_a_request_with_two_readings_has_none_rfc9112_11_2(gateway, framing):
    received = asked(gateway, *FRAMINGS[framing], method="POST", body=b"0\r\n\r\n" + SMUGGLED)
    assert received.split(b" ")[1] in (b"400", b"501"), received.decode()
    assert b'"code":"gateway.request.malformed"' in received or b'"code":"gateway.unavailable"' in received
    assert b"connection: close" in received.lower()
    assert b"smuggled" not in received


CHUNKS = {
    "no number": b"x\r\n\r\n",
    "a signed number": b"+1\r\na\r\n0\r\n\r\n",
    "a number with a prefix": b"0x1\r\na\r\n0\r\n\r\n",
    "more than a number holds": b"10000000000000001\r\na\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("chunk", sorted(CHUNKS))
def test_a_broken_chunk_never_reaches_an_upstream(gateway, chunk):
    received = asked(gateway, "Transfer-Encoding: chunked", method="POST", body=CHUNKS[chunk] + SMUGGLED)
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert b'"code":"gateway.request.malformed"' in received
    assert b"smuggled" not in received


@pytest.mark.parametrize(
    "lines", [("X-Odd: one", " Transfer-Encoding: chunked"), ("X-Odd: one\rTransfer-Encoding: chunked",)]
)
def test_an_odd_header_reaches_the_upstream_as_one_line_rfc9112_5_2(gateway, lines):
    received = asked(gateway, *lines)
    assert received.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")), received
    assert b'"transfer-encoding"' not in received


def test_what_exceeds_a_chunk_reaches_nobody(gateway):
    """Envoy passes over it; the upstream hears a length, and the chunk alone."""
    received = asked(gateway, "Transfer-Encoding: chunked", method="POST", body=b"1\r\nab\r\n0\r\n\r\n")
    assert received.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")), received
    assert b'"length": 2' not in received


def _http2(gateway, headers, body=b""):
    """What becomes of one HTTP/2 request that no honest library would send: its events."""
    context = ssl.create_default_context(cafile=str(gateway.authority.file))
    context.set_alpn_protocols(["h2"])
    settings = h2.config.H2Configuration(
        validate_outbound_headers=False, normalize_outbound_headers=False, header_encoding=None
    )
    connection = h2.connection.H2Connection(settings)
    port = gateway.model.listeners.public_port
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        connection.initiate_connection()
        connection.send_headers(1, headers, end_stream=not body)
        if body:
            connection.send_data(1, body, end_stream=True)
        tls.sendall(connection.data_to_send())
        events = []
        while data := tls.recv(65_536):
            events += connection.receive_data(data)
            tls.sendall(connection.data_to_send())
            ends = h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated
            if any(isinstance(event, ends) for event in events):
                break
        return events


@pytest.mark.parametrize(
    "more",
    [
        [(b"transfer-encoding", b"chunked")],
        [(b"connection", b"keep-alive")],
        [(b"content-length", b"1")],
        [(b"x-split", b"a\r\ntransfer-encoding: chunked")],
        [(b"X-Upper", b"1")],
        [(b":path", b"/manage")],
    ],
    ids=["coding", "connection", "wrong length", "line end", "upper case", "two paths"],
)
def test_http2_carries_no_smuggled_framing_rfc9113_8_2(gateway, more):
    token = gateway.token().encode()
    headers = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", LIST.encode())]
    first = more if more[0][0].startswith(b":") else []
    rest = [] if first else more
    events = _http2(gateway, [*headers, *first, (b"authorization", b"Bearer " + token), *rest], b"0\r\n\r\n" + SMUGGLED)
    answers = [dict(e.headers)[b":status"] for e in events if isinstance(e, h2.events.ResponseReceived)]
    assert answers in ([], [b"400"]), events
    assert gateway.call(LIST, token=gateway.token()).status == 200


@pytest.mark.parametrize("path", [LIST, "/sandbox/accounts/v1/rates"], ids=["with a token", "open operation"])
def test_no_claim_can_be_forged_as_a_header(gateway, path):
    names = [*CLAIM_HEADERS.values(), *(name.replace("-", "_") for name in CLAIM_HEADERS.values())]
    forged = {name.title() if number % 2 else name: "forged" for number, name in enumerate(names)}
    connection = gateway.connect()
    connection.putrequest("GET", path)
    connection.putheader("Authorization", f"Bearer {gateway.token()}")
    for name, value in forged.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 200
    assert b"forged" not in response.read()
    connection.close()


def test_preflight_opens_nothing(gateway):
    """What looks like a page's question but is none goes to nobody (`OPTIONS` with an origin that is empty)."""
    asks = {"Origin": "", "Access-Control-Request-Method": "GET"}
    for token in (None, gateway.token()):
        answer = gateway.call(LIST, "OPTIONS", token=token, **asks)
        assert answer.status in (401, 405), answer.body
        assert "path" not in answer.json()


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("exp", -2, 200), ("exp", -20, 401), ("nbf", 2, 200), ("nbf", 20, 401), ("iat", 3600, 200)],
)
def test_a_clock_may_differ_by_five_seconds(gateway, claim, seconds, status):
    """A clock that jumps is met by tokens whose times lie around the bounds; RFC 9068 gives `iat` no such meaning."""
    answer = gateway.call(LIST, token=gateway.token(**{claim: int(time.time()) + seconds}))
    assert answer.status == status, answer.body


def _closed_after(gateway, data, limit):
    """Seconds until the gateway gives up on a connection that says this and no more, and what it said then."""
    context = ssl.create_default_context(cafile=str(gateway.authority.file))
    began, heard = time.monotonic(), b""
    with (
        socket.create_connection(("127.0.0.1", gateway.model.listeners.public_port), limit) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(data)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while piece := tls.recv(65_536):
                heard += piece
    return time.monotonic() - began, heard


@pytest.mark.slow
def test_a_body_that_drips_and_a_connection_that_idles_are_closed(gateway):
    token = gateway.token()
    head = f"POST {LIST} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\nx"
    found = {}

    def wait(name, data):
        found[name] = _closed_after(gateway, data, BODY_SECONDS + 20)

    waits = [threading.Thread(target=wait, args=each) for each in (("drip", head.encode()), ("idle", b""))]
    for each in waits:
        each.start()
    for each in waits:
        each.join()
    assert BODY_SECONDS - 2 < found["drip"][0] < BODY_SECONDS + 15
    assert found["drip"][1].startswith(b"HTTP/1.1 408 ")
    assert b'"code":"gateway.request.timeout"' in found["drip"][1]
    assert found["idle"][0] < BODY_SECONDS + 15


@pytest.mark.slow
def test_who_never_shakes_hands_is_cut(gateway):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", gateway.model.listeners.public_port), HANDSHAKE_SECONDS + 10) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert plain.recv(100) == b""
    assert time.monotonic() - began < HANDSHAKE_SECONDS + 8


@pytest.mark.slow
def test_ten_thousand_slow_connections_disturb_nobody_and_go_by_themselves(gateway):
    """As many as the gateway takes, or as the machine lets one process open; and then more."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    wanted = min(MOST_CONNECTIONS - 100, most_files - 500)
    kept = gateway.connect()
    assert gateway.call(LIST, token=gateway.token(), connection=kept).status == 200
    began = time.monotonic()
    slow = [_slow(gateway) for _ in range(wanted)]
    opened = time.monotonic() - began
    times = [_seconds_of_a_call(gateway) for _ in range(20)]
    print(f"{wanted} slow connections within {opened:.1f} s; slowest new call {max(times):.2f} s")
    assert max(times) < 5
    assert gateway.call(LIST, token=gateway.token(), connection=kept).status == 200
    slow += [_slow(gateway) for _ in range(min(600, most_files - wanted - 200))]
    assert gateway.call(LIST, token=gateway.token(), connection=kept).status == 200  # who is in stays in
    end = time.monotonic() + HANDSHAKE_SECONDS + 20
    while int(gateway.stats("listener_manager.*|downstream_cx_active").get("http.gateway.downstream_cx_active", 9)) > 5:
        assert time.monotonic() < end, gateway.stats("downstream_cx_active")
        time.sleep(0.2)
    assert _seconds_of_a_call(gateway) < 5
    for each in slow:
        each.close()
    kept.close()


def _slow(gateway):
    """Shakes half a hand."""
    opened = socket.create_connection(("127.0.0.1", gateway.model.listeners.public_port), 10)
    with contextlib.suppress(ConnectionError):
        opened.sendall(b"\x16\x03\x01")
    return opened


def _seconds_of_a_call(gateway):
    began = time.monotonic()
    assert gateway.call(LIST, token=gateway.token()).status == 200
    return time.monotonic() - began
