"""Asking the address of a client's keys (`jwks_uri`): a stranger says where, so where it leads is bounded.

HTTPS with the server's certificate and name checked, no redirects, one answer of at most 64 KB, and only public
addresses (RFC 9700 and RFC 7591, 5 warn of requests into one's own network). The name is resolved once, and the
connection goes to the address that was looked at, so a name that changes its mind gains nothing.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from propylon.oauth.key_address import MEDIA_TYPES, KeysUnusable, age_of, read_document

CONNECT_SECONDS = 2.0
_LARGEST = 64 * 1024
_Address = IPv4Address | IPv6Address
_UNICAST = ip_network("2000::/3")  # all of IPv6 that is public lies in it
# But not in these, where an address of IPv4 is hidden, perhaps one that is not public.
_TRANSLATED = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
)


class KeysUnreachable(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """No keys came from the address. The message tells the client's developer why, and nothing about our network."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """JWKs that can verify, and for how many seconds they need not be asked for again."""

    keys: list[dict[str, str]]
    age: int


def fetch_keys(address: str, *, seconds: float) -> Fetched:
    """What lies at the address now, within so many seconds for all of it. Raises `KeysUnreachable`."""
    parts = urlsplit(address)
    port, host = parts.port or 443, parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(host, port, _address_of(host, port), timeout=min(CONNECT_SECONDS, seconds), context=_context())
    is_cut = threading.Event()
    watch = threading.Timer(seconds, _cut, (connection, is_cut))
    watch.daemon = True
    watch.start()
    try:
        return _ask(connection, target, time.monotonic() + seconds)
    except KeysUnusable as why:
        raise KeysUnreachable(f"The answer cannot be used: {why}.") from None
    except ssl.SSLCertVerificationError as why:
        raise KeysUnreachable(f"Its certificate is not accepted: {why.verify_message}.") from None
    except TimeoutError:
        raise KeysUnreachable(_TOO_LATE) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise KeysUnreachable(_TOO_LATE if is_cut.is_set() else "No answer over HTTPS came from there.") from None
    finally:
        watch.cancel()
        connection.close()


_TOO_LATE = "It did not answer in time."


def _ask(connection: http.client.HTTPSConnection, target: str, deadline: float) -> Fetched:
    accept = ", ".join(sorted(MEDIA_TYPES, reverse=True))
    connection.request(
        "GET", target, headers={"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "Propylon"}
    )
    response = connection.getresponse()
    if response.status != 200:
        raise KeysUnreachable(f"It answered {response.status}, not 200; redirects are not followed.")
    if response.headers.get_content_type() not in MEDIA_TYPES:
        raise KeysUnreachable(f"Its Content-Type is not {accept.replace(', ', ' or ')}.")
    return Fetched(read_document(_read(response, deadline)), age_of(response.headers.get("Cache-Control", "")))


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    found = b""
    while len(found) <= _LARGEST:
        if time.monotonic() > deadline:
            raise TimeoutError
        piece = response.read1(_LARGEST)
        if not piece:
            if response.length:  # it ended before its end
                raise http.client.IncompleteRead(found)
            return found
        found += piece
    raise KeysUnreachable(f"The answer is longer than {_LARGEST} bytes.")


def _address_of(host: str, port: int) -> str:
    """Where the name leads. One address that is not allowed spoils the name: who mixes them has a reason."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise KeysUnreachable("Its host name has no address.") from None
    if not found or not all(is_allowed(each) for each in found):
        raise KeysUnreachable("Its host is not at a public address.")
    return min(found, key=lambda each: (":" in each, each))


def is_allowed(address: str) -> bool:
    """A public address, or one in a range that the operator allows."""
    try:
        found: _Address = ip_address(address)
    except ValueError:  # with a zone: link-local
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found in network for network in settings.PROPYLON_KEY_RANGES):
        return True
    if isinstance(found, IPv6Address):
        return found.is_global and found in _UNICAST and not any(found in network for network in _TRANSLATED)
    return found.is_global and not found.is_multicast


class _Pinned(http.client.HTTPSConnection):
    """To one address, with the certificate of the name."""

    def __init__(self, host: str, port: int, address: str, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()  # only now, so that it can be cut


@lru_cache(maxsize=1)
def _system_context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _context() -> ssl.SSLContext:
    return _system_context(settings.PROPYLON_KEY_CA)


def _cut(connection: http.client.HTTPSConnection, is_cut: threading.Event) -> None:
    """`shutdown` wakes the thread that reads; `close` would not."""
    is_cut.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
