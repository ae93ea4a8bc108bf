"""HTTPS to the bank's OpenID provider: certificate and name checked, no redirects, bounded in time and size."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from propylon.customers.conversation import ANSWER_SECONDS, CONNECT_SECONDS, WHOLE_SECONDS, conversation
from propylon.customers.directory_errors import DirectoryUnavailable, unreachable

_LARGEST = 512 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any  # what the JSON says; None if it is no JSON

    def object(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) else {}


def ask(
    url: str, *, ca_pem: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """GET, or POST of a form. Raises `DirectoryUnavailable` with the reason in words."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise DirectoryUnavailable(f"The provider names an address that is not https: {url[:200]}")
    place = f"{parts.hostname}:{parts.port or 443}"
    context = ssl.create_default_context(cadata=ca_pem or None)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=CONNECT_SECONDS, context=context)
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Propylon", **(headers or {})}
    body = None
    if form is not None:
        body, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with conversation(lambda: _cut(connection)):
        try:
            connection.connect()
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request("GET" if body is None else "POST", target, body=body, headers=sent)
            response = connection.getresponse()
            text = _read(response, time.monotonic() + WHOLE_SECONDS)
            return Answer(response.status, _parsed(text))
        except (OSError, http.client.HTTPException) as error:
            raise unreachable(place, error) from error
        finally:
            connection.close()


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    found = b""
    while len(found) <= _LARGEST:
        if time.monotonic() > deadline:
            raise TimeoutError
        piece = response.read1(65_536)
        if not piece:
            return found
        found += piece
    raise http.client.HTTPException("more than half a megabyte")


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _cut(connection: http.client.HTTPSConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.close()
