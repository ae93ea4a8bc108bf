"""Upstreams that lie, hang or break: the caller learns it, the next call is served as if nothing had been."""

from __future__ import annotations

import contextlib
import http.client
import socketserver
import threading
from dataclasses import replace

import pytest

from propylon.gateway.model import Operation, Publication, Upstream
from propylon.gateway.refusals import refusal_code

BASE = "/sandbox/liar/v1"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
SAYS = {
    "/good": GOOD,
    "/garbage": b"This is not HTTP.\r\n\r\n",
    "/headless": b"\r\n\r\n\r\n",
    "/half-a-head": b"HTTP/1.1 200 OK\r\nContent-",
    "/endless-head": b"HTTP/1.1 200 OK\r\nX-Large: " + b"x" * 200_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "/many-headers": b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 2_000 + b"Content-Length: 0\r\n\r\n",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\ngood!",
    "/length-and-chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "/split": b"HTTP/1.1 200 OK\r\nX-Split: a\x00b\r\nContent-Length: 4\r\n\r\ngood",
    "/silent": b"",
    "/too-short": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ngood",
    "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\nzz\r\n",
    "/too-long": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond",
    "/hangs": b"",
    "/hangs-in-the-middle": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ngood",
}


class Liar(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Says what its table has for the path, whatever that is, and hangs up, or hangs."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path):
        self.released = threading.Event()
        super().__init__(str(path), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(ConnectionError):
            self.lie()

    def lie(self):
        while line := self.rfile.readline():
            path = line.split(b" ")[1].decode()
            while self.rfile.readline().strip():
                pass
            self.wfile.write(SAYS[path])
            self.wfile.flush()
            if path.startswith("/hangs"):
                self.server.released.wait(20)
            if path != "/good":
                return


@pytest.fixture(scope="module")
def liar(gateway):
    server = Liar(gateway.folder / "liar.sock")
    rows = tuple(Operation(path[1:], "GET", path, ("accounts",)) for path in SAYS)
    model = gateway.model
    gateway.deliver_model(
        replace(
            model,
            upstreams=(*model.upstreams, Upstream("liar", f"unix:{gateway.folder / 'liar.sock'}", timeout_ms=700)),
            publications=(
                *model.publications,
                Publication("sandbox", "liar", "v1", BASE, "liar", "", "standard", rows),
            ),
        )
    )
    gateway.wait_for_versions()
    yield server
    gateway.deliver_model(model)
    gateway.wait_for_versions()
    server.released.set()
    server.shutdown()
    server.server_close()


def called(gateway, path, connection=None):
    return gateway.call(BASE + path, token=gateway.token(), connection=connection)


def is_served_again(gateway):
    answers = [called(gateway, "/good") for _ in range(3)]
    return [(answer.status, answer.body) for answer in answers] == [(200, b"good")] * 3


@pytest.mark.parametrize(
    "path",
    [
        "/garbage",
        "/headless",
        "/half-a-head",
        "/endless-head",
        "/many-headers",
        "/two-lengths",
        "/length-and-chunks",
        "/split",
        "/silent",
    ],
)
def test_an_answer_that_is_no_http_is_a_fault_of_the_upstream(gateway, liar, path):
    answer = called(gateway, path)
    assert (answer.status, answer.json()["code"]) == (502, "gateway.upstream.failed"), answer
    record = gateway.record(answer.tracking_id)
    assert refusal_code(record["details"], record["flags"], 502) == "gateway.upstream.failed"
    assert is_served_again(gateway)


@pytest.mark.parametrize("path", ["/too-short", "/bad-chunk", "/hangs-in-the-middle"])
def test_an_answer_that_breaks_off_never_looks_whole(gateway, liar, path):
    connection = gateway.connect()
    connection.request("GET", BASE + path, headers={"Authorization": f"Bearer {gateway.token()}"})
    response = connection.getresponse()
    assert response.status == 200  # it was said before the break
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    record = gateway.record(response.headers["RequestTrackingId"])
    assert record["details"] != "via_upstream", record
    assert is_served_again(gateway)


def test_what_an_upstream_says_beyond_its_length_reaches_nobody(gateway, liar):
    connection = gateway.connect()
    for _ in range(5):
        answer = called(gateway, "/too-long", connection)
        assert (answer.status, answer.body) == (200, b"good")
        assert called(gateway, "/good", connection).body == b"good"
    connection.close()


def test_an_upstream_that_hangs_holds_up_nobody_else(gateway, liar):
    found = []
    hanging = [threading.Thread(target=lambda: found.append(called(gateway, "/hangs"))) for _ in range(20)]
    for each in hanging:
        each.start()
    assert is_served_again(gateway)
    for each in hanging:
        each.join()
    assert {(answer.status, answer.json()["code"]) for answer in found} == {(504, "gateway.upstream.timeout")}
    assert is_served_again(gateway)
