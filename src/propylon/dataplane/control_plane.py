"""The node's side of the control plane protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from propylon.dataplane.unix_http import exchange
from propylon.gateway.snapshot import Resource

_GRACE_SECONDS = 5.0
_ANSWER_SECONDS = 30.0  # a database may be busy


class ControlPlaneAway(Exception):  # noqa: N818  (a state that passes, no mistake)
    """Nobody answers, or the answer is of no use. The node serves with what it has and asks again."""


class ControlPlane:
    """Poll, confirm, calls. Safe to use from several threads: every request has its own connection."""

    def __init__(self, socket: Path, node: str) -> None:
        self._socket = socket
        self._base = f"/v1/nodes/{quote(node, safe='')}"

    def poll(self, kinds: Sequence[str], have: Mapping[str, str], wait: float) -> dict[str, Resource]:
        """What differs from `have`, by kind; empty after `wait` seconds."""
        question = {"kinds": list(kinds), "have": dict(have), "wait": wait}
        found = self._ask("poll", json.dumps(question).encode(), wait + _GRACE_SECONDS).get("resources")
        if not isinstance(found, dict):
            raise ControlPlaneAway("no resources in the answer to poll")
        return {kind: Resource(kind, it["version"], it["text"]) for kind, it in found.items() if kind in kinds}

    def confirm(self, running: Mapping[str, Mapping[str, str]]) -> None:
        """`running`: kind to `{"version", "rejection"}`."""
        self._ask("confirm", json.dumps({"running": running}).encode(), _ANSWER_SECONDS)

    def ship(self, segment: str, offset: int, lines: bytes) -> int:
        """Hand over call records that begin at byte `offset`; how far the segment is stored now."""
        query = urlencode({"segment": segment, "offset": offset})
        stored = self._ask(f"calls?{query}", lines, _ANSWER_SECONDS).get("offset")
        if not isinstance(stored, int):
            raise ControlPlaneAway("no offset in the answer to calls")
        return stored

    def _ask(self, what: str, body: bytes, timeout: float) -> dict[str, Any]:
        try:
            answer = exchange(self._socket, "POST", f"{self._base}/{what}", body=body, timeout=timeout)
            found = json.loads(answer.body)
        except (OSError, ValueError) as error:
            raise ControlPlaneAway(str(error)) from error
        if answer.status != 200 or not isinstance(found, dict):
            raise ControlPlaneAway(f"{answer.status}: {answer.body[:500].decode(errors='replace')}")
        return found
