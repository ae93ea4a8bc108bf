"""Asking the control plane for a lease of calls, for the call check: small exchanges, without threads.

The agent's own `control_plane` waits in threads, with a library that this process has no room for.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from propylon.dataplane.way import TlsWay, Way, Ways

_PATIENCE_SECONDS = 2.5  # longer than calls wait: an answer that is given up may have been a lease
_LONGEST_ANSWER = 64 * 1024
_KEPT_SECONDS = 3.0  # the control plane closes what is idle for five
_MOST_KEPT = 4
_USELESS = (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError, LookupError, TypeError)


class NobodyCounts(Exception):  # noqa: N818  (a state that passes, no mistake)
    """The control plane does not answer, or with nothing of use. It may still have recorded what was asked."""


@dataclass(frozen=True, slots=True)
class LeaseQuestion:
    """Calls of a client that the node wants, gives back (of a day in UTC), and has served without a lease."""

    client: str
    wanted: int
    back: int = 0
    back_day: str = ""
    over: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """`granted` calls, good on `day`, which ends in `seconds`; `spent` is "day" or "month" when there are none left, of
    `limit` calls (None: not said)."""

    granted: int
    day: str
    seconds: float
    spent: str
    limit: int | None = None


def _lease(found: Mapping[str, Any]) -> Lease:
    """Raises LookupError, ValueError, TypeError."""
    limit = None if found.get("limit") is None else int(found["limit"])
    return Lease(int(found["granted"]), str(found["day"]), float(found["seconds"]), str(found["spent"]), limit)


@dataclass(slots=True)
class _Connection:
    way: Way
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float = 0.0


class Ledger:
    """The control plane's count of calls. Connections are kept while they are used: over TLS each costs a handshake."""

    def __init__(self, ways: Ways, node: str) -> None:
        self._ways = ways
        self._target = f"/v1/nodes/{quote(node, safe='')}/quota"
        self._kept: list[_Connection] = []

    async def ask(self, question: LeaseQuestion) -> Lease:
        """Raises NobodyCounts. Never asked twice: an answer that is lost may have been a lease."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = json.loads(await self._exchange(json.dumps(asdict(question)).encode()))
            return _lease(found)
        except _USELESS as error:
            raise NobodyCounts(repr(error)) from error

    async def _exchange(self, body: bytes) -> bytes:
        """The body. Raises one of _USELESS."""
        connection = await self._connection()
        is_whole = False
        try:
            head = f"POST {self._target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}"
            connection.writer.write(head.encode() + b"\r\n\r\n" + body)
            first, *lines = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines if line)
            length = int(headers["content-length"])
            if length > _LONGEST_ANSWER:
                raise ValueError("the answer is too long")
            answer = await connection.reader.readexactly(length)
            is_whole = headers.get("connection") != "close"
        finally:
            if is_whole and len(self._kept) < _MOST_KEPT:
                connection.used_at = time.monotonic()
                self._kept.append(connection)
            else:
                connection.writer.close()
        if not first.startswith("HTTP/1.1 200 "):
            raise ValueError(answer[:500].decode(errors="replace"))
        return answer

    async def _connection(self) -> _Connection:
        way, now = self._ways.find(), time.monotonic()
        while self._kept:
            kept = self._kept.pop()
            if kept.way is way and now - kept.used_at < _KEPT_SECONDS and not kept.reader.at_eof():
                return kept
            kept.writer.close()
        if isinstance(way, TlsWay):
            streams = await asyncio.open_connection(
                way.host, way.port, ssl=way.context, server_hostname=way.server_name, limit=_LONGEST_ANSWER
            )
        else:
            streams = await asyncio.open_unix_connection(str(way), limit=_LONGEST_ANSWER)
        return _Connection(way, *streams)
