"""A small HTTPS client for the demonstration: one open connection, and what came back kept for telling."""

from __future__ import annotations

import http.client
import json
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
    """Keeps one connection open to one origin, so that a refusal on an open connection is one.

    `source_address` is the loopback address to call from.
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
        parts = urlsplit(origin)
        context = ssl.create_default_context(cafile=str(ca_file))
        if identity is not None:
            context.load_cert_chain(identity.certificate_file, identity.private_key_file)
        self.origin = origin
        self.headers = dict(headers or {})
        self._connection = http.client.HTTPSConnection(
            parts.hostname or "",
            parts.port,
            context=context,
            timeout=30,
            source_address=(source_address, 0) if source_address else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

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
        sent = {**self.headers, **(headers or {})}
        started = time.perf_counter()
        try:
            response = self._send(method, path, sent, body)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()
            response = self._send(method, path, sent, body)
        content = response.read()
        return Answer(
            method,
            self.origin + path,
            response.status,
            tuple(response.getheaders()),
            content,
            (time.perf_counter() - started) * 1000,
            {name.lower(): value for name, value in response.getheaders()},
        )

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> http.client.HTTPResponse:
        self._connection.request(method, path, body=body, headers=dict(headers))
        return self._connection.getresponse()
