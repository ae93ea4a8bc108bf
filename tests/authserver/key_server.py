"""A client's own HTTPS server on loopback, where its public keys lie: with any answer that a test wants."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from customers.ldap_authority import TestAuthority


@dataclass
class KeyServer:
    """`asked` counts; `status`, `headers` and `body` are what is answered; `hold` keeps answers back."""

    port: int
    ca_file: str
    keys: list[dict[str, Any]] = field(default_factory=list)
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    hold: threading.Event | None = None

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/jwks.json"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        if self.hold:
            self.hold.wait(10)
        body = json.dumps({"keys": self.keys}).encode() if self.body is None else self.body
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | self.headers
        handler.send_response(self.status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def key_server(folder: Path) -> Iterator[KeyServer]:
    authority = TestAuthority()
    for name, text in zip(("server.pem", "server.key"), authority.server("localhost"), strict=True):
        (folder / name).write_text(text)
    (folder / "ca.pem").write_text(authority.pem)
    told: list[KeyServer] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told[0].answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:  # who asks has cut the connection, or did not trust us
            pass

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    told.append(KeyServer(port=server.server_address[1], ca_file=str(folder / "ca.pem")))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told[0]
    finally:
        server.shutdown()
        server.server_close()
