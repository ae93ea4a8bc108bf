"""A small HTTPS client for the demonstration: open connections, and what came back kept for telling."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have lower-case names; a header that came twice is a list in `all_headers`."""

    method: str
    url: str
    status: int
    all_headers: tuple[tuple[str, str], ...]
    body: bytes
    milliseconds: float
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def tracking_id(self) -> str:
        return self.headers.get("requesttrackingid", "")

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """The files of a client certificate with its chain and its unencrypted key."""

    certificate_file: Path
    private_key_file: Path


class HttpSession:
    """Keeps one connection open to each origin that it calls, so that a refusal on an open connection is one.

    Paths are of `origin`; a whole URL may lead elsewhere: portal, authorization server and APIs may have hosts of their
    own. `source_address` is the loopback address to call from.
    """

    def __init__(
        self,
        origin: str,
        *,
        ca_file: Path,
        identity: ClientIdentity | None = None,
        source_address: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.origin = origin
        self.headers = dict(headers or {})
        self._context = ssl.create_default_context(cafile=str(ca_file))
        if identity is not None:
            self._context.load_cert_chain(identity.certificate_file, identity.private_key_file)
        self._source = (source_address, 0) if source_address else None
        self._connections: dict[str, _Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post_form(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.request("POST", path, headers=headers, body=urlencode(form).encode())

    def send_json(self, method: str, path: str, value: object = None, **headers: str) -> Answer:
        headers["Content-Type"] = "application/json"
        return self.request(method, path, headers=headers, body=json.dumps(value or {}).encode())

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request; a connection that the server has closed meanwhile is opened anew, once."""
        url = path if path.startswith("https:") else self.origin + path
        connection = self._connection_to(url)
        target = url.split("/", 3)[3]
        sent = {**self.headers, **(headers or {})}
        started = time.perf_counter()
        try:
            response = connection.send_request(method, f"/{target}", sent, body)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            connection.close()
            response = connection.send_request(method, f"/{target}", sent, body)
        content = response.read()
        return Answer(
            method,
            url,
            response.status,
            tuple(response.getheaders()),
            content,
            (time.perf_counter() - started) * 1000,
            {name.lower(): value for name, value in response.getheaders()},
        )

    def _connection_to(self, url: str) -> _Connection:
        parts = urlsplit(url)
        if parts.netloc not in self._connections:
            self._connections[parts.netloc] = _Connection(
                parts.hostname or "", parts.port, context=self._context, source=self._source
            )
        return self._connections[parts.netloc]


class _Connection(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int | None, *, context: ssl.SSLContext, source: tuple[str, int] | None) -> None:
        super().__init__(host, port, context=context, timeout=30)
        self._tls, self._source = context, source

    def connect(self) -> None:
        """Names below .localhost are this machine's, whatever its resolver knows of them (RFC 6761 section 6.3)."""
        where = "127.0.0.1" if self.host.endswith(".localhost") else self.host
        plain = socket.create_connection((where, self.port), self.timeout, self._source)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

    def send_request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> http.client.HTTPResponse:
        self.request(method, target, body=body, headers=dict(headers))
        return self.getresponse()
