"""One call over TLS, as any client of the gateway makes it (RFC 9110, RFC 9112). No way past the gateway is here."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.portal.calling.possession import PossessionKey

MOST_SHOWN = 64 * 1024  # bytes of an answer's body
_CONNECT_SECONDS = 5.0
_WHOLE_SECONDS = 20.0  # the gateway itself gives up on a service after 15


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """`url` is ASCII, percent-encoded. `headers` without `token`, which is bound to `key` if there is one."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    token: Secret | None
    key: PossessionKey | None = None

    @property
    def shown_headers(self) -> tuple[tuple[str, str], ...]:
        """As they were sent, but for the token and the proof of its key."""
        hidden = "\N{BULLET}" * 8
        if self.token is None:
            return self.headers
        if self.key is None:
            return (*self.headers, ("Authorization", f"Bearer {hidden}"))
        return (*self.headers, ("Authorization", f"DPoP {hidden}"), ("DPoP", hidden))


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """`is_cut`: the body was longer than MOST_SHOWN."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool
    milliseconds: float

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class PresentedIdentity:
    """`chain_pem` begins with the client certificate; `key_pem` is its unencrypted key."""

    chain_pem: str
    key_pem: Secret


def call_gateway(request: GatewayRequest, *, ca_file: Path, identity: PresentedIdentity | None) -> GatewayAnswer:
    """The gateway's answer, whatever it says. Raises `console.gateway.unreachable`."""
    parts = urlsplit(request.url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=_CONNECT_SECONDS, context=_tls(ca_file, identity)
    )
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    started = time.perf_counter()
    try:
        connection.connect()
        connection.sock.settimeout(_WHOLE_SECONDS)
        connection.request(request.method, target, body=request.body, headers=_headers(request))
        response = connection.getresponse()
        body, is_cut = _read(response, started + _WHOLE_SECONDS)
        headers = tuple(response.getheaders())
    except (OSError, http.client.HTTPException) as error:
        raise PropylonError(
            "console.gateway.unreachable",
            "The portal could not reach the gateway. Try again; if it stays so, tell the operator.",
            kind=Kind.UNAVAILABLE,
            transient=True,
            detail=f"{type(error).__name__}: {error}",
        ) from error
    finally:
        connection.close()
    elapsed = (time.perf_counter() - started) * 1000
    return GatewayAnswer(response.status, response.reason, headers, body, is_cut, elapsed)


def own_address(url: str) -> str:
    """The address that the gateway at `url` sees calls of this process come from; "" if it cannot be told."""
    parts = urlsplit(url)
    try:
        family, kind, _, _, address = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)  # of a datagram socket: nothing is sent
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _headers(request: GatewayRequest) -> dict[str, str]:
    headers = {"User-Agent": "Propylon-Call-Console", "Accept-Encoding": "identity", **dict(request.headers)}
    if request.token is not None:
        headers["Authorization"] = f"{'DPoP' if request.key else 'Bearer'} {request.token.reveal()}"
    if request.token is not None and request.key is not None:
        headers["DPoP"] = request.key.proof(method=request.method, url=request.url, token=request.token)
    return headers


def _read(response: http.client.HTTPResponse, deadline: float) -> tuple[bytes, bool]:
    """What is shown of the body; the rest is left unread."""
    found = b""
    while len(found) <= MOST_SHOWN and time.perf_counter() < deadline:
        piece = response.read1(MOST_SHOWN + 1 - len(found))
        if not piece:
            return found, False
        found += piece
    return found[:MOST_SHOWN], True


def _tls(ca_file: Path, identity: PresentedIdentity | None) -> ssl.SSLContext:
    """Trusts the system's authorities and this installation's own."""
    context = ssl.create_default_context()
    if ca_file.exists():
        context.load_verify_locations(cafile=str(ca_file))
    context.set_alpn_protocols(["http/1.1"])
    if identity is not None:
        with _in_memory(identity.chain_pem + identity.key_pem.reveal()) as path:
            context.load_cert_chain(path)
    return context


@contextmanager
def _in_memory(text: str) -> Iterator[str]:
    """A path that OpenSSL can read a key from, without a file on any disk where the system can do that (Linux)."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("identity")
        try:
            os.write(number, text.encode())
            yield f"/proc/self/fd/{number}"
        finally:
            os.close(number)
        return
    with tempfile.NamedTemporaryFile(mode="w", suffix=".pem") as file:  # readable by its owner only
        file.write(text)
        file.flush()
        yield file.name
