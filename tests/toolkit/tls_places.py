"""Servers and proxies for the doctor: real sockets and TLS of the standard library, in threads of the test."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from toolkit.examples import Made, key_pem


class Place:
    """Listens on loopback; each connection is handed to `handle` in a thread."""

    def __init__(self, handle: Callable[[socket.socket], None]) -> None:
        self.handle, self.listener = handle, socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError, ssl.SSLError), connection:
            self.handle(connection)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # closing alone would let the thread take one more
        self.listener.close()
        self.thread.join(10)


@contextlib.contextmanager
def place(handle: Callable[[socket.socket], None]) -> Iterator[Place]:
    found = Place(handle)
    try:
        yield found
    finally:
        found.close()


def files(folder: Path, name: str, made: Made) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    certificate.write_bytes(made.pem + made.chain_pem)
    key.write_bytes(key_pem(made.key))
    return certificate, key


def tls_server(
    server: tuple[Path, Path], clients: Path | None, answer: bytes, version: int = 0
) -> Callable[[socket.socket], None]:
    """Speaks TLS with `server`; demands a certificate of `clients`; answers every request with `answer`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server)
    if version:
        context.maximum_version = ssl.TLSVersion(version)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            read_head(secured)
            secured.sendall(answer)

    return handle


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
        head += more
    return head


def http(status: str, body: bytes, kind: str = "application/json") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", "", "")
    return "\r\n".join(lines).encode() + body


def forwarding_proxy(connection: socket.socket) -> None:
    """CONNECT, and then bytes in both directions."""
    where = read_head(connection).split()[1].decode()
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as there:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_pump, args=(there, connection), daemon=True)
        back.start()
        _pump(connection, there)
        back.join(10)


def refusing_proxy(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")


def opening_proxy(own: tuple[Path, Path]) -> Callable[[socket.socket], None]:
    """Says yes, and then answers itself: TLS inspection."""
    speak = tls_server(own, None, http("200 OK", b"{}"))

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        speak(connection)

    return handle


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(16384):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
