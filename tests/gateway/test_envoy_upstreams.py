"""Upstreams on a real Envoy: several endpoints, who is unwell, what is tried again, how many at once, what streams."""

from __future__ import annotations

import concurrent.futures
import http.server
import socketserver
import threading
from dataclasses import replace

import pytest

from propylon.gateway.model import Operation, Publication, Upstream

BASE = "/sandbox/pair/v1"
OPERATIONS = tuple(
    Operation(name, method, path, ("accounts",), streams=streams)
    for name, method, path, streams in (
        ("get", "GET", "/x", ""),
        ("post", "POST", "/x", ""),
        ("events", "GET", "/events", "answer"),
        ("talk", "GET", "/talk", "websocket"),
    )
)


class Endpoint(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """One server of a bank: counts calls, answers with its name and whatever status the test wants."""

    daemon_threads = True

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.status, self.is_well, self.calls, self.release = 200, True, 0, threading.Event()
        self.release.set()
        super().__init__(str(path), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.release.set()
        self.shutdown()
        self.server_close()
        self.path.unlink()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            self.answer(200 if self.server.is_well else 503)
        elif self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(b"echo:" + self.rfile.read(5))
            self.close_connection = True
        elif self.path.endswith("/events"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"data: 1\n\n")
            self.wfile.flush()
            self.server.release.wait(10)
            self.wfile.write(b"data: 2\n\n")
        else:
            self.server.calls += 1
            self.server.release.wait(10)
            self.answer(self.server.status)

    def do_POST(self):
        self.server.calls += 1
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.answer(self.server.status)

    def answer(self, status):
        text = self.server.name.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_): ...

    def address_string(self):
        return "socket"


@pytest.fixture
def pair(gateway):
    """Two endpoints of one upstream; a function that publishes them as the test wants."""
    endpoints = [Endpoint(gateway.folder / f"pair-{name}.sock", name) for name in "ab"]

    def publish(count=2, **settings):
        first, *others = [f"unix:{endpoint.path}" for endpoint in endpoints[:count]]
        upstream = Upstream("pair", first, tuple(others), **{"timeout_ms": 5000, **settings})
        publication = Publication("sandbox", "pair", "v1", BASE, "pair", "", "standard", OPERATIONS)
        model = gateway.model
        model = replace(
            model,
            upstreams=(*model.upstreams, upstream),
            publications=(*model.publications, publication),
        )
        gateway.deliver_model(model)
        gateway.wait_for_versions()
        return endpoints

    yield publish
    gateway.deliver_model(gateway.model)
    gateway.wait_for_versions()
    for endpoint in endpoints:
        if endpoint.path.exists():
            endpoint.stop()


def called(gateway, path="/x", method="GET", **more):
    return gateway.call(BASE + path, method, token=gateway.token(), **more)


def test_calls_are_spread_over_the_endpoints(gateway, pair):
    a, b = pair()
    assert {called(gateway).body for _ in range(6)} == {b"a", b"b"}
    assert a.calls + b.calls == 6


def test_a_dead_endpoint_costs_no_call(gateway, pair):
    a, _ = pair()
    a.stop()
    answers = [called(gateway, method=method) for method in ("GET", "POST") * 10]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"b")] * 20


def test_a_get_that_fails_is_tried_at_the_other_endpoint_and_a_post_is_not(gateway, pair):
    a, b = pair()
    a.status = 503
    assert [called(gateway).status for _ in range(4)] == [200] * 4
    a.calls = b.calls = 0
    statuses = [called(gateway, method="POST", body=b"{}").status for _ in range(4)]
    assert 503 in statuses  # until the endpoint is taken out for a while
    assert (a.calls, b.calls) == (statuses.count(503), statuses.count(200))


@pytest.mark.slow  # two checks of five seconds each, thrice
def test_a_health_check_takes_the_unwell_out_and_back(gateway, pair, until):
    a, b = pair(health_path="/health")
    b.is_well = False
    until(lambda: {called(gateway).body for _ in range(4)} == {b"a"}, "b is taken out")
    a.is_well = False
    refused = until(lambda: (answer := called(gateway)).status == 503 and answer, "nobody is well")
    assert refused.json()["code"] == "gateway.upstream.unreachable"
    b.is_well = True
    until(lambda: called(gateway).body == b"b", "b is back")


def test_more_calls_at_once_than_the_upstream_takes_are_refused(gateway, pair):
    a, _ = pair(count=1, max_parallel_calls=2, timeout_ms=5000)
    a.release.clear()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(called, gateway) for _ in range(8)]
        refused = [each.result() for each in concurrent.futures.as_completed(waiting, 10) if _let_go(a, waiting)]
    statuses = sorted(answer.status for answer in refused)
    assert statuses.count(200) >= 2
    assert statuses.count(503) >= 3
    codes = {answer.json()["code"] for answer in refused if answer.status == 503}
    assert codes == {"gateway.upstream.unreachable"}
    assert called(gateway).status == 200


def _let_go(endpoint, waiting):
    """Once the refused are through, the others may answer."""
    if sum(each.done() for each in waiting) >= 3:
        endpoint.release.set()
    return True


def test_an_answer_that_streams_outlives_the_timeout_and_arrives_in_pieces(gateway, pair):
    a, _ = pair(count=1, timeout_ms=200)
    a.release.clear()
    connection = gateway.connect()
    connection.request("GET", f"{BASE}/events", headers={"Authorization": f"Bearer {gateway.token()}"})
    answer = connection.getresponse()
    assert answer.read1(100) == b"data: 1\n\n"
    assert not a.release.wait(0.4)  # twice the timeout of other operations
    a.release.set()
    assert answer.read() == b"data: 2\n\n"
    connection.close()
    a.release.clear()
    assert called(gateway).status == 504


@pytest.mark.parametrize(("path", "is_upgraded"), [("/talk", True), ("/x", False)])
def test_a_websocket_passes_where_the_operation_is_one(gateway, pair, path, is_upgraded):
    pair(count=1)
    head = f"GET {BASE}{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {gateway.token()}\r\n"
    head += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    connection = gateway.connect()
    connection.connect()
    connection.sock.sendall(head.encode() + b"hello")
    received = b""
    end = b"echo:hello" if is_upgraded else b"\r\n\r\n"
    while end not in received:
        received += connection.sock.recv(4096)
    connection.close()
    assert received.startswith(b"HTTP/1.1 101" if is_upgraded else b"HTTP/1.1 403")
    assert (b"echo:hello" in received) == is_upgraded


def test_without_a_token_nothing_is_upgraded(gateway, pair):
    pair(count=1)
    answer = gateway.call(f"{BASE}/talk", Upgrade="websocket", Connection="Upgrade")
    assert answer.status == 401
