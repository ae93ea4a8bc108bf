"""Asking the control plane for a lease of calls, for the call check: one small exchange, without threads.

The agent's own `control_plane` waits in threads, with a library that this process has no room for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

_PATIENCE_SECONDS = 2.5  # longer than calls wait: an answer that is given up may have been a lease
_LONGEST_ANSWER = 64 * 1024


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


class Ledger:
    """The control plane's count of calls, at its socket."""

    def __init__(self, socket: Path, node: str) -> None:
        self._socket = socket
        self._target = f"/v1/nodes/{quote(node, safe='')}/quota"

    async def ask(self, question: LeaseQuestion) -> Lease:
        """Raises NobodyCounts."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = json.loads(await self._exchange(json.dumps(asdict(question)).encode()))
            return _lease(found)
        except (OSError, TimeoutError, ValueError, LookupError, TypeError) as error:
            raise NobodyCounts(repr(error)) from error

    async def _exchange(self, body: bytes) -> bytes:
        """One request on a connection of its own, which the control plane closes. Raises OSError, ValueError."""
        reader, writer = await asyncio.open_unix_connection(str(self._socket))
        try:
            head = (
                f"POST {self._target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {len(body)}"
            )
            writer.write(head.encode() + b"\r\n\r\n" + body)
            answer = await reader.read(_LONGEST_ANSWER)
            while chunk := await reader.read(_LONGEST_ANSWER):
                answer += chunk
        finally:
            writer.close()
        first, _, rest = answer.partition(b"\r\n")
        if not first.startswith(b"HTTP/1.1 200 "):
            raise ValueError(answer[:500].decode(errors="replace"))
        return rest.partition(b"\r\n\r\n")[2]
