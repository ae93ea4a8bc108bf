"""Envoy's own log: its words on what it refuses, and a bound on the file's size."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

_LARGEST_BYTES = 16 * 1024 * 1024
_LONGEST_WORDS = 2_000
_ABOUT_REFUSALS = re.compile(r"reject|fail|error|unknown|invalid", re.IGNORECASE)
_PREFIX = re.compile(r"^\[[^\]]*\](\[[^\]]*\])*\s*")  # [time][thread][level][logger] [source:line]


class EnvoyLog:
    def __init__(self, path: Path) -> None:
        self.path = path

    def position(self) -> int:
        """Where the next words will stand."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def words_since(self, position: int) -> str:
        """What Envoy has said since about refusing something; empty if nothing."""
        try:
            with self.path.open("rb") as file:
                file.seek(position if position <= self.position() else 0)
                text = file.read(256 * 1024).decode(errors="replace")
        except FileNotFoundError:
            return ""
        told = [line for line in text.splitlines() if _ABOUT_REFUSALS.search(line)]
        return "\n".join(_PREFIX.sub("", line) for line in told)[:_LONGEST_WORDS]

    def bound(self) -> None:
        """Keep one older part. Envoy appends, so the file may be emptied under it."""
        if self.position() > _LARGEST_BYTES:
            shutil.copyfile(self.path, self.path.with_name(self.path.name + ".1"))
            with self.path.open("r+b") as file:
                file.truncate(0)
