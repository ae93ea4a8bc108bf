"""One connection, watched: name, port, proxy, handshake, one GET. What was seen, without judging it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import secrets
import select
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from propylon.pki.pem import chain_of, private_pem
from propylon.toolkit.identity import Identity

_LARGEST_ANSWER = 64 * 1024
_PATIENCE = 0.5  # seconds; a server that judges sends tickets or an alert at once
_CERTIFICATE_REQUEST = 13  # RFC 8446 section 4.3.2


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True, slots=True)
class Proxy:
    """As HTTPS_PROXY names it."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(slots=True)
class Seen:
    """What was seen, as far as it came. `failed_at` is "", name, proxy, port, identity, handshake or answer."""

    failed_at: str = ""
    reason: str = ""  # of the socket or of OpenSSL, as it says it
    verify_code: int = 0  # X509_V_ERR_…, where the server's certificate did not verify
    is_timeout: bool = False
    addresses: tuple[str, ...] = ()
    proxy_answer: str = ""
    tls: str = ""
    server_certificate: bytes | None = None  # DER
    is_certificate_asked: bool | None = None
    answer: Answer | None = None


def proxy_for(target: Target) -> Proxy | None:
    """What other programs here would go through."""
    url = getproxies().get("https", "")
    if not url or proxy_bypass(target.host):
        return None
    parts = urlsplit(url if "//" in url else f"//{url}")
    if not parts.hostname:
        return None
    given = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
    authorization = f"Basic {base64.b64encode(given.encode()).decode()}" if given else ""
    return Proxy(parts.hostname, parts.port or 3128, authorization)


def watch(
    target: Target,
    *,
    identity: Identity | None,
    ca_file: str | None,
    proxy: Proxy | None,
    headers: dict[str, str],
    seconds: float,
) -> Seen:
    """Connect as any program would: the server's certificate is verified, and nothing is sent before that."""
    seen = Seen()
    try:
        context = _context(ca_file, identity)
    except (ssl.SSLError, OSError) as error:
        return _failed(seen, "identity", error)
    sock = _connected(target, proxy, seconds, seen)
    if sock is None:
        return seen
    with sock:
        _watch_handshake(context, seen)
        try:
            secured = context.wrap_socket(sock, server_hostname=target.host)
        except (ssl.SSLError, OSError) as error:
            return _failed(seen, "handshake", error)
        with secured:
            seen.tls = secured.version() or ""
            seen.server_certificate = secured.getpeercert(binary_form=True)
            try:
                _hear_refusal(secured, seconds)
                seen.answer = _get(secured, target, headers)
            except (ssl.SSLError, OSError, http.client.HTTPException, ValueError) as error:
                return _failed(seen, "answer", error)
    return seen


def stranger_certificate(target: Target, *, proxy: Proxy | None, seconds: float) -> bytes | None:
    """DER of whatever certificate is shown there. Nothing is sent: no certificate, no request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sock = _connected(target, proxy, seconds, Seen())
    if sock is None:
        return None
    with (
        sock,
        contextlib.suppress(ssl.SSLError, OSError),
        context.wrap_socket(sock, server_hostname=target.host) as secured,
    ):
        return secured.getpeercert(binary_form=True)
    return None


def _connected(target: Target, proxy: Proxy | None, seconds: float, seen: Seen) -> socket.socket | None:
    host, port = (proxy.host, proxy.port) if proxy else (target.host, target.port)
    place = "proxy" if proxy else "port"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        _failed(seen, "proxy" if proxy else "name", error)
        return None
    seen.addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    try:
        sock = socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        _failed(seen, place, error)
        return None
    if proxy and not _tunnelled(sock, target, proxy, seen):
        sock.close()
        return None
    return sock


def _tunnelled(sock: socket.socket, target: Target, proxy: Proxy, seen: Seen) -> bool:
    """HTTP CONNECT, RFC 9110 section 9.3.6."""
    place = f"{target.name}:{target.port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    try:
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 8192 and (more := sock.recv(1)):
            head += more
    except OSError as error:
        _failed(seen, "proxy", error)
        return False
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 1)
    seen.proxy_answer = words[1] if len(words) > 1 else "nothing that is HTTP"
    if seen.proxy_answer.startswith("200"):
        return True
    seen.failed_at = "proxy"
    return False


def _context(ca_file: str | None, identity: Identity | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    if identity is not None and identity.key is not None:
        with _on_disk(identity) as (certificate, key, password):
            context.load_cert_chain(certificate, key, password)
    return context


@contextlib.contextmanager
def _on_disk(identity: Identity) -> Iterator[tuple[Path, Path, str]]:
    """OpenSSL takes files only: in a folder of our own, the key under a password that only this process knows."""
    assert identity.key is not None  # noqa: S101  (asked by the caller)
    password = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="propylon-cert-") as folder:
        certificate, key = Path(folder, "certificate"), Path(folder, "key")
        certificate.write_text(chain_of(identity.leaf, *identity.issuers))
        key.write_text(private_pem(identity.key.key, password=password))
        yield certificate, key, password


def _watch_handshake(context: ssl.SSLContext, seen: Seen) -> None:
    """Whether the server asked for a certificate: Python tells it only where it shows each message."""
    if not hasattr(context, "_msg_callback"):
        return
    seen.is_certificate_asked = False

    def watching(_: object, direction: str, __: object, ___: object, kind: object, ____: bytes) -> None:
        if direction == "read" and getattr(kind, "value", kind) == _CERTIFICATE_REQUEST:
            seen.is_certificate_asked = True

    context._msg_callback = watching  # noqa: SLF001


def _hear_refusal(secured: ssl.SSLSocket, seconds: float) -> None:
    """In TLS 1.3 a server judges a certificate after the client is done (RFC 8446 section 4.4.2.4): a request
    that is on its way by then would end the connection before the alert is heard."""
    if secured.version() != "TLSv1.3":
        return
    readable, _, _ = select.select([secured], [], [], min(seconds, _PATIENCE))
    if readable:
        secured.setblocking(False)
        try:
            secured.read(1)
        except ssl.SSLWantReadError:  # session tickets: the certificate was taken
            pass
        finally:
            secured.settimeout(seconds)


def _get(secured: ssl.SSLSocket, target: Target, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = secured
    named = target.name if target.port == 443 else f"{target.name}:{target.port}"
    connection.request("GET", target.path, headers={"Host": named, "Connection": "close", "Accept": "*/*", **headers})
    answer = connection.getresponse()
    body = answer.read(_LARGEST_ANSWER)
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def _failed(seen: Seen, place: str, error: Exception) -> Seen:
    seen.failed_at = place
    seen.is_timeout = isinstance(error, TimeoutError)
    seen.verify_code = getattr(error, "verify_code", 0) or 0
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or getattr(error, "strerror", "")
    seen.reason = str(reason or error or type(error).__name__)
    return seen
