"""A collector of traces: OTLP over HTTP, fields numbered as in opentelemetry-proto's trace.proto."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Span:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    tags: dict[str, str]
    resource: dict[str, str]


@dataclass
class Collector:
    """Listens until `stop`; what it has heard is in `spans`."""

    spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        spans = self.spans

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self._body()
                if self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf":
                    spans.extend(read_spans(body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def _body(self) -> bytes:
                if "content-length" in self.headers:
                    return self.rfile.read(int(self.headers["content-length"]))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def span_of(self, tracking_id: str) -> Span | None:
        return next((span for span in self.spans if span.tags.get("propylon.tracking_id") == tracking_id), None)


def read_spans(body: bytes) -> Iterator[Span]:
    """Of an ExportTraceServiceRequest."""
    for resource_spans in _all(body, 1):
        resource = {k: v for each in _all(resource_spans, 1) for k, v in _attributes(each, 1).items()}
        for scope_spans in _all(resource_spans, 2):
            for span in _all(scope_spans, 2):
                yield Span(
                    _first(span, 5).decode(),
                    _first(span, 1).hex(),
                    _first(span, 2).hex(),
                    _first(span, 4).hex(),
                    _attributes(span, 9),
                    resource,
                )


def _attributes(message: bytes, number: int) -> dict[str, str]:
    """Those with a text as their value."""
    return {_first(pair, 1).decode(): _first(_first(pair, 2), 1).decode() for pair in _all(message, number)}


def _all(message: bytes, number: int) -> list[Any]:
    return [value for found, value in _fields(message) if found == number and isinstance(value, bytes)]


def _first(message: bytes, number: int) -> bytes:
    return next(iter(_all(message, number)), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(wire, 0)
            if wire == _BYTES:
                length, at = _varint(message, at)
            yield number, message[at : at + length]
            at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
