"""What this node is doing, in one small file, for `propylon status` and for people: `<gateway folder>/state.json`."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from propylon.dataplane.delivery import Running
from propylon.kernel.home import Home


def state_file(home: Home) -> Path:
    return home.gateway / "state.json"


def read_state(home: Home) -> dict[str, Any]:
    """The last state that the agent wrote; empty if there never was one."""
    try:
        state: dict[str, Any] = json.loads(state_file(home).read_text())
    except (OSError, ValueError):
        return {}
    return state


class NodeState:
    """Gathered from the agent's threads; written as a whole."""

    def __init__(self, home: Home, node: str) -> None:
        self._path = state_file(home)
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {"node": node, "running": {}, "envoy_starts": 0, "last_confirm_at": None}

    def note(self, **facts: object) -> None:
        with self._lock:
            self._state |= facts

    def note_running(self, running: Mapping[str, Running]) -> None:
        with self._lock:
            self._state["running"] |= {kind: report.as_dict() for kind, report in running.items()}

    def note_confirmed(self) -> None:
        self.note(last_confirm_at=_now(), control_plane_away="")

    def count_start(self) -> None:
        with self._lock:
            self._state["envoy_starts"] += 1

    def write(self) -> None:
        with self._lock:
            draft = self._path.with_name("state.json.new")
            draft.write_text(json.dumps({**self._state, "written_at": _now()}, indent=1))
            draft.replace(self._path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
