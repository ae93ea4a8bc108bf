"""Calls that were served while nobody counted, on disk until the control plane has counted them: a kill forgets half a
second of them.

Each check process has a file of its own, named by its process; what a dead one left, the next one takes over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

_NAME = "uncounted.{}.json"


class Uncounted:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / _NAME.format(os.getpid())
        self._written: dict[str, int] = {}

    def write(self, calls: Mapping[str, int]) -> None:
        """By client; nothing is written when nothing has changed."""
        if calls == self._written:
            return
        self._written = dict(calls)
        if not calls:
            self._own.unlink(missing_ok=True)
            return
        beside = self._own.with_suffix(".new")
        beside.write_text(json.dumps(self._written))
        beside.replace(self._own)

    def left_by_the_dead(self) -> dict[str, int]:
        """To be counted here from now on."""
        found: dict[str, int] = {}
        for file in self._folder.glob(_NAME.format("*")):
            process = file.name.split(".")[1]
            if file == self._own or (process.isdigit() and Path("/proc", process).exists()):
                continue
            try:
                left = json.loads(file.read_text())
            except ValueError:
                left = {}
            file.unlink()
            for client, calls in left.items():
                found[client] = found.get(client, 0) + int(calls)
        return found
