"""Asking Envoy itself, over its admin socket."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from propylon.dataplane.unix_http import exchange

_LEAVES = ("version_text", "update_rejected", "update_failure")


@dataclass(frozen=True, slots=True)
class Report:
    """Envoy's word on one kind: the version in force ("" before the first), and how many updates it has refused."""

    version: str = ""
    refusals: int = 0


class EnvoyAdmin:
    """Every method raises OSError when Envoy does not answer."""

    def __init__(self, socket: Path, version_stats: Mapping[str, str]) -> None:
        self._socket = socket
        self._scopes = {kind: stat.removesuffix(".version_text") for kind, stat in version_stats.items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._scopes)

    def is_live(self) -> bool:
        try:
            return exchange(self._socket, "GET", "/ready", timeout=2).status == 200
        except OSError:
            return False

    def reports(self, kinds: Iterable[str]) -> dict[str, Report]:
        scopes = {kind: self._scopes[kind] for kind in kinds}
        found = self._stats(scopes.values())
        return {
            kind: Report(
                version=found.get(f"{scope}.version_text", "").strip('"'),
                refusals=int(found.get(f"{scope}.update_rejected", 0)) + int(found.get(f"{scope}.update_failure", 0)),
            )
            for kind, scope in scopes.items()
        }

    def calls_in_progress(self) -> int:
        pattern = r"^http\.[^.]+\.downstream_rq_active$"
        answer = exchange(self._socket, "GET", f"/stats?filter={quote(pattern, safe='')}")
        counts = re.findall(r"^http\.(.+)\.downstream_rq_active: (\d+)$", answer.body.decode(), re.MULTILINE)
        return sum(int(count) for listener, count in counts if listener != "admin")  # that one is our question

    def reopen_logs(self) -> None:
        self._post("/reopen_logs")

    def begin_draining(self) -> None:
        """New connections and requests are sent away; those in progress go on."""
        self._post("/drain_listeners?graceful&skip_exit")

    def _stats(self, scopes: Iterable[str]) -> dict[str, str]:
        pattern = f"^({'|'.join(re.escape(scope) for scope in scopes)})\\.({'|'.join(_LEAVES)})$"
        answer = exchange(self._socket, "GET", f"/stats?filter={quote(pattern, safe='')}")
        lines = (line.partition(": ") for line in answer.body.decode().splitlines())
        return {name: value for name, _, value in lines}

    def _post(self, target: str) -> None:
        answer = exchange(self._socket, "POST", target)
        if answer.status != 200:
            raise ConnectionError(f"Envoy answered {answer.status} to {target}")
