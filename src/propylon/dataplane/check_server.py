"""The least of HTTP/1.1 that Envoy's ext_authz needs: questions without a body on a Unix socket, answers in headers.

Only Envoy reaches the socket, and writes what it has parsed itself; anything else ends the connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

_STOP_SECONDS = 1.0
_LONGEST_HEAD = 128 * 1024  # Envoy takes 16 KB from callers


@dataclass(frozen=True, slots=True)
class Question:
    """`headers` by lower-case name; a header that came more than once is joined with a comma."""

    method: str
    target: str  # path and query, as the caller sent them
    headers: Mapping[str, str]


Answer = Mapping[str, str]  # headers that Envoy adds to the request
Ask = Callable[[Question, Callable[[Answer], None]], None]


class CheckServer:
    """Serves `ask` on `path`, in place of whoever served there before."""

    def __init__(self, path: Path, prefix: str, ask: Ask) -> None:
        self._path, self._prefix, self._ask = path, prefix, ask
        self._inode = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self) -> None:
        listening = _bound_socket(self._path)
        self._inode = self._path.stat().st_ino
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: _Connection(self._prefix, self._ask, self._connections), sock=listening
        )

    def is_over(self) -> bool:
        """Has another process taken the socket's place, and has everyone who asked here gone over to it?

        To be asked from time to time. Nobody is turned away meanwhile: a connection that is closed while a question is
        on its way would lose the question. Who asks is told to close instead, Envoy closes the others after four
        seconds without a question.
        """
        if self._server is None or not self._is_replaced():
            return False
        self._server.close()
        for connection in self._connections:
            connection.end_after_its_answer()
        return not self._connections

    def _is_replaced(self) -> bool:
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    async def stop(self) -> None:
        """Questions that wait are answered first; the connections end with their answer."""
        if self._server is not None:
            self._server.close()
        closed = [connection.end() for connection in self._connections]
        if closed:
            await asyncio.wait(closed, timeout=_STOP_SECONDS)


class _Connection(asyncio.Protocol):
    def __init__(self, prefix: str, ask: Ask, connections: set[_Connection]) -> None:
        self._prefix, self._ask, self._connections = prefix, ask, connections
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._is_asking = self._is_ending = False
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # a stream
        self._connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None
        self._closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            if len(self._received) > _LONGEST_HEAD:
                self._close()
            return
        question = _read(head, self._prefix)
        if question is None or rest or self._is_asking:
            self._close()
            return
        self._received = b""
        self._is_asking = True
        self._ask(question, self._answer)

    def end_after_its_answer(self) -> None:
        """Answer what is asked or will be, and close then."""
        self._is_ending = True

    def end(self) -> asyncio.Future[None]:
        """Answer what was asked, and close; the end of that."""
        self._is_ending = True
        if not self._is_asking:
            self._close()
        return self._closed

    def _answer(self, answer: Answer) -> None:
        self._is_asking = False
        if self._transport is None:
            return
        lines = ["HTTP/1.1 200 OK", "content-length: 0", *(f"{name}: {value}" for name, value in answer.items())]
        if self._is_ending:
            lines.append("connection: close")
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if self._is_ending:
            self._close()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _read(head: bytes, prefix: str) -> Question | None:
    """None for what is no question of Envoy's."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, target = first.removesuffix(" HTTP/1.1").partition(" ")
    if not target.startswith(prefix + "/"):
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return None
    return Question(method, target[len(prefix) :], headers)


def _bound_socket(path: Path) -> socket.socket:
    """A listening Unix socket that only our user may open; takes the place of the one that is there."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(beside))
    beside.chmod(0o600)
    listening.listen(1024)
    beside.replace(path)
    return listening
