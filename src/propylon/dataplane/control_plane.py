"""The node's side of the control plane protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from propylon.dataplane.tls_http import TlsExchanges
from propylon.dataplane.unix_http import Answer, exchange
from propylon.dataplane.way import TlsWay, Ways
from propylon.gateway.fitting import Fit
from propylon.gateway.snapshot import Resource

_GRACE_SECONDS = 5.0
_ANSWER_SECONDS = 30.0  # a database may be busy


class ControlPlaneAway(Exception):  # noqa: N818  (a state that passes, no mistake)
    """Nobody answers, or the answer is of no use. The node serves with what it has and asks again."""


class ControlPlane:
    """Poll, confirm, calls, renew. Safe to use from several threads: none uses another's connection."""

    def __init__(self, ways: Ways, node: str, fit: Fit) -> None:
        """`fit`: what the node changes in the resources that it is given."""
        self._ways = ways
        self._over_tls = TlsExchanges()
        self._fit = fit
        self._base = f"/v1/nodes/{quote(node, safe='')}"

    def poll(self, kinds: Sequence[str], have: Mapping[str, str], wait: float) -> dict[str, Resource]:
        """What differs from `have`, by kind; empty after `wait` seconds."""
        question = {"kinds": list(kinds), "have": dict(have), "wait": wait}
        found = self._ask("poll", json.dumps(question).encode(), wait + _GRACE_SECONDS).get("resources")
        if not isinstance(found, dict):
            raise ControlPlaneAway("no resources in the answer to poll")
        return {
            kind: self._fit(Resource(kind, it["version"], it["text"])) for kind, it in found.items() if kind in kinds
        }

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

    def renew(self, csr_pem: str) -> dict[str, str]:
        """The node's next certificate: `certificate` in PEM, `ends_at`, `renew_after`."""
        found = self._ask("renew", json.dumps({"csr": csr_pem}).encode(), _ANSWER_SECONDS)
        if not all(isinstance(found.get(name), str) for name in ("certificate", "ends_at", "renew_after")):
            raise ControlPlaneAway("no certificate in the answer to renew")
        return found

    def _ask(self, what: str, body: bytes, timeout: float) -> dict[str, Any]:
        try:
            answer = self._exchange(f"{self._base}/{what}", body, timeout)
            found = json.loads(answer.body)
        except (OSError, ValueError) as error:
            raise ControlPlaneAway(str(error)) from error
        if answer.status != 200 or not isinstance(found, dict):
            raise ControlPlaneAway(f"{answer.status}: {answer.body[:500].decode(errors='replace')}")
        return found

    def _exchange(self, target: str, body: bytes, timeout: float) -> Answer:
        way = self._ways.find()
        if isinstance(way, TlsWay):
            return self._over_tls.exchange(way, target, body, timeout)
        return exchange(way, "POST", target, body=body, timeout=timeout)
