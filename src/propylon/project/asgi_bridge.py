"""An ASGI application behind granian's RSGI interface: one HTTP request each, no WebSockets.

The body is taken in one piece: only so does granian say that the connection ended in the middle of it. That is bounded,
because the gateway passes no body on that is longer than its own limit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from propylon.authserver.rsgi import ConnectionEnded, Header, HttpProtocol, Scope, Stream

Message = dict[str, Any]
Application = Callable[..., Awaitable[None]]  # (scope, receive, send)


async def answer_by_asgi(application: Application, scope: Scope, protocol: HttpProtocol, *, path: str = "") -> None:
    """Answer one request by the application; `path` is the one that it sees instead of the request's."""
    exchange = _Exchange(protocol)
    await application(_asgi_scope(scope, path or scope.path), exchange.receive, exchange.send)


def _asgi_scope(scope: Scope, path: str) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": path,
        "query_string": scope.query_string.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in scope.headers.items()],
        "client": None,
        "server": None,
    }


class _Exchange:
    """The two channels of ASGI for one request."""

    def __init__(self, protocol: HttpProtocol) -> None:
        self._protocol = protocol
        self._is_read = False
        self._start: Message = {}
        self._stream: Stream | None = None

    async def receive(self) -> Message:
        if self._is_read:
            await self._protocol.client_disconnect()
            return {"type": "http.disconnect"}
        self._is_read = True
        try:
            return {"type": "http.request", "body": await self._protocol(), "more_body": False}
        except ConnectionEnded:
            return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if self._stream is None:
            status, headers = self._start["status"], _texts(self._start["headers"])
            if not has_more:
                self._protocol.response_bytes(status, headers, body)
                return
            self._stream = self._protocol.response_stream(status, headers)
        if body:
            with suppress(ConnectionEnded):  # or the answer to a HEAD
                await self._stream.send_bytes(body)


def _texts(headers: list[tuple[bytes, bytes]]) -> list[Header]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
