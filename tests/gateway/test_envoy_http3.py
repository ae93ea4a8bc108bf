"""HTTP/3 (RFC 9114) on a real Envoy, called by aioquic: the same gateway, where it is switched on."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

LIST = "/sandbox/accounts/v1/accounts"


@pytest.fixture(scope="module")
def quick(gateway):
    """A gateway of its own: a switch of a listener would drain the other tests' one."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    public_port, mutual_port = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    here = replace(gateway.model.listeners, public_port=public_port, mutual_port=mutual_port, http3=True)
    model = replace(gateway.model, listeners=here)
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        running = type(gateway)(Path(folder), model, gateway.issuer, gateway.authority, gateway.stranger)
        try:
            running.start()
            yield running
        finally:
            running.stop()


class _Client(QuicConnectionProtocol):
    """One request on one connection."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.headers, self.body = {}, b""
        self.ended = asyncio.get_running_loop().create_future()

    def ask(self, headers, body):
        stream = self._quic.get_next_available_stream_id()
        self.http.send_headers(stream, headers, end_stream=not body)
        if body:
            self.http.send_data(stream, body, end_stream=True)
        self.transmit()

    def quic_event_received(self, event):
        for each in self.http.handle_event(event):
            if isinstance(each, HeadersReceived):
                self.headers |= {name.decode(): value.decode() for name, value in each.headers}
            elif isinstance(each, DataReceived):
                self.body += each.data
            if getattr(each, "stream_ended", False) and not self.ended.done():
                self.ended.set_result(None)


def called(quick, path, *, port=None, method="GET", body=b"", seconds=15, **headers):
    async def call():
        settings = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True, server_name="localhost")
        settings.load_verify_locations(str(quick.authority.file))
        where = port or quick.model.listeners.public_port
        async with connect("127.0.0.1", where, configuration=settings, create_protocol=_Client) as client:
            sent = {":method": method, ":scheme": "https", ":authority": "localhost", ":path": path, **headers}
            client.ask([(name.encode(), value.encode()) for name, value in sent.items()], body)
            await asyncio.wait_for(client.ended, 10)
            return int(client.headers[":status"]), client.headers, client.body

    return asyncio.run(asyncio.wait_for(call(), seconds))


def test_http3_is_the_same_gateway(quick):
    status, headers, body = called(quick, LIST, authorization=f"Bearer {quick.token()}")
    assert status == 200
    assert b'"x-propylon-client": "client-1"' in body
    record = quick.record(headers["requesttrackingid"])
    assert (record["protocol"], record["listener"]) == ("HTTP/3", "public")


def test_the_rules_hold_over_http3(quick):
    bearer = {"authorization": f"Bearer {quick.token()}"}
    assert called(quick, LIST)[0] == 401
    assert called(quick, f"{LIST}?x=".ljust(2049, "x"), **bearer)[0] == 414
    assert called(quick, "/sandbox/accounts/v1/accounts/1", method="DELETE", **bearer)[0] == 405
    assert called(quick, LIST, method="POST", body=b"x" * 30_000, **bearer)[0] == 413
    forged = called(quick, LIST, **bearer, **{"x-propylon-client": "forged", "x-propylon-listener": "mutual"})
    assert b'"x-propylon-client": "client-1"' in forged[2]
    assert called(quick, "/oauth/token", **{":authority": "stranger.example"})[0] == 421


def test_a_token_that_is_bound_to_a_certificate_is_refused_where_none_can_be_shown(quick):
    bound = quick.token(cnf={"x5t#S256": "A" * 43}, x5h="0" * 64)
    assert called(quick, LIST, authorization=f"Bearer {bound}")[0] == 401


def test_only_the_public_listener_says_that_it_speaks_http3(quick, gateway):
    here = quick.model.listeners
    answer = quick.call(LIST, token=quick.token())
    said = here.public_url.rpartition(":")[2]
    assert answer.headers["alt-svc"] == f'h3=":{said}"; ma=86400'
    mutual = quick.call(LIST, token=quick.token(), listener="mutual", certificate=quick.certificate("svc-quic"))
    assert mutual.status == 200
    assert "alt-svc" not in mutual.headers
    assert "alt-svc" not in gateway.call(LIST, token=gateway.token()).headers  # where it is off


def test_mutual_does_not_answer_over_udp(quick):
    with pytest.raises((TimeoutError, ConnectionError)):
        called(quick, LIST, port=quick.model.listeners.mutual_port, seconds=3)
