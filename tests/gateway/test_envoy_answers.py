"""What an upstream's answers become on a real Envoy: compressed for who asks, bounded in what they cost the gateway."""

from __future__ import annotations

import gzip
import http.server
import json
import socketserver
import threading
from dataclasses import replace

import pytest

from propylon.gateway.model import Operation, Publication, Upstream

BASE = "/sandbox/answers/v1"
# path: (content type, length in bytes or chunked as text, other headers)
ANSWERS = {
    "/list": ("application/json; charset=utf-8", {}),
    "/small": ("application/json", {}),
    "/chunked": ("application/json", {}),
    "/picture": ("image/png", {}),
    "/tagged": ("application/json", {"ETag": '"1"'}),
    "/secret": ("application/json", {"Cache-Control": "private, no-transform"}),
    "/done": ("application/json", {"Content-Encoding": "gzip"}),
    "/headers": ("application/json", {f"X-Fill-{n}": "x" * 1000 for n in range(40)}),
    "/many": ("application/json", {f"X-Fill-{n}": "x" for n in range(110)}),
    "/streamed": ("application/json", {}),
}
LONG = json.dumps([{"id": n, "amount": f"{n}.00", "text": "Card payment"} for n in range(400)]).encode()
ENDLESS = 64 * 1024 * 1024


class _Bank(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0].removeprefix("/answers")
        if path == "/endless":
            return self._endless()
        kind, headers = ANSWERS[path]
        body = {"/small": LONG[:1000], "/done": gzip.compress(LONG)}.get(path, LONG)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        if path != "/chunked":
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return None
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        return None

    def _endless(self):
        self.send_response(200)
        self.send_header("Content-Length", str(ENDLESS))
        self.end_headers()
        piece = b"x" * 65_536
        for _ in range(ENDLESS // len(piece)):
            self.wfile.write(piece)
            self.server.sent += len(piece)

    def log_message(self, *_): ...

    def address_string(self):
        return "socket"


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    sent = 0

    def handle_error(self, *_): ...  # callers that leave early


@pytest.fixture(scope="module")
def bank(gateway):
    server = _Server(str(gateway.folder / "answers.sock"), _Bank)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    operations = tuple(
        Operation(path, "GET", path, ("accounts",), streams="answer" if path == "/streamed" else "")
        for path in (*ANSWERS, "/endless")
    )
    upstream = Upstream("answers", f"unix:{server.server_address}")
    publication = Publication("sandbox", "answers", "v1", BASE, "answers", "/answers", "standard", operations)
    model = gateway.model
    gateway.deliver_model(
        replace(model, upstreams=(*model.upstreams, upstream), publications=(*model.publications, publication))
    )
    gateway.wait_for_versions()
    yield server
    gateway.deliver_model(gateway.model)
    gateway.wait_for_versions()
    server.shutdown()
    server.server_close()


def fetched(gateway, path, accepted=None):
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    connection = gateway.connect()
    try:
        connection.putrequest("GET", BASE + path, skip_accept_encoding=True)
        for name, value in {**headers, "Authorization": f"Bearer {gateway.token()}"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.2, br;q=0.5, zstd;q=0.1", "br"),
        ("gzip;q=0", None),
        ("gzip;q=0, br", "br"),
        ("deflate", None),
        ("*", "gzip"),
    ],
)
def test_the_caller_chooses_the_compression_rfc_9110_12_5_3(gateway, bank, accepted, chosen):
    answer, body = fetched(gateway, "/list", accepted)
    assert answer.status == 200
    assert answer.getheader("Content-Encoding") == chosen
    assert (len(body) < len(LONG) / 4) if chosen else (body == LONG)
    if chosen:
        assert "accept-encoding" in answer.getheader("Vary").lower()
    if chosen == "gzip":
        assert gzip.decompress(body) == LONG


@pytest.mark.parametrize("path", ["/small", "/picture", "/tagged", "/secret", "/streamed"])
def test_what_is_small_packed_named_by_an_etag_secret_or_streamed_stays_as_it_is(gateway, bank, path):
    answer, body = fetched(gateway, path, "gzip, br, zstd")
    assert (answer.status, answer.getheader("Content-Encoding")) == (200, None)
    assert LONG.startswith(body)
    assert answer.getheader("ETag") == ANSWERS[path][1].get("ETag")


def test_an_upstream_that_compresses_by_itself_is_left_alone(gateway, bank):
    answer, body = fetched(gateway, "/done", "br, gzip")
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == LONG


def test_an_answer_of_unknown_length_is_compressed(gateway, bank):
    answer, body = fetched(gateway, "/chunked", "gzip")
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == LONG


@pytest.mark.parametrize(
    "path", ["/", "/oauth/authorize", "/manage/v1/openapi.json", "/.well-known/openid-configuration"]
)
def test_the_web_applications_answers_are_never_compressed(gateway, bank, path):
    """They know their reader by a cookie, or hold tokens: BREACH."""
    filler = "x" * 1500
    answer = gateway.call(f"{path}?{filler}", **{"Accept-Encoding": "gzip, br, zstd"})
    assert answer.status == 200
    assert len(answer.body) > 1500
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/headers", "/many"])
def test_an_answer_with_too_many_headers_is_the_upstreams_failure(gateway, bank, path):
    answer, body = fetched(gateway, path)
    assert answer.status == 502
    assert json.loads(body)["code"] == "gateway.upstream.failed"


def test_a_long_answer_to_a_slow_reader_fills_nothing(gateway, bank, until):
    """64 MB that nobody reads: what waits lies in the connection's bounds, and the upstream waits too."""
    connection = gateway.connect()
    connection.request("GET", f"{BASE}/endless", headers={"Authorization": f"Bearer {gateway.token()}"})
    answer = connection.getresponse()
    assert answer.read(1000) == b"x" * 1000
    before = -1

    def has_stopped():
        nonlocal before
        is_still, before = before == bank.sent > 0, bank.sent
        return not threading.Event().wait(0.2) and is_still

    until(has_stopped, "the upstream waits")
    assert bank.sent < 16 * 1024 * 1024  # most of it in the kernel's buffers
    held = int(gateway.stats("server.memory_allocated")["server.memory_allocated"])
    assert held < 200 * 1024 * 1024
    assert len(answer.read()) == ENDLESS - 1000
    connection.close()
