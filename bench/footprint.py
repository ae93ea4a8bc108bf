"""Memory and processor time of a tree of processes, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessFootprint:
    """`proportional_mb` counts a page that n processes share as 1/n (PSS); `resident_mb` counts it in each (RSS)."""

    name: str
    resident_mb: float
    proportional_mb: float
    cpu_seconds: float


def tree_footprint(root: int) -> list[ProcessFootprint]:
    """The process and all that it started, by name."""
    return [found for pid in process_tree(root) if (found := _footprint(pid))]


def process_tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _footprint(pid: int) -> ProcessFootprint | None:
    entry = Path("/proc") / str(pid)
    try:
        memory = {
            line.split(":")[0]: int(line.split()[1]) for line in (entry / "smaps_rollup").read_text().splitlines()[1:]
        }
        times = (entry / "stat").read_text().rpartition(")")[2].split()
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    cpu = (int(times[11]) + int(times[12])) / _TICKS
    return ProcessFootprint(_name(command), memory["Rss"] / 1024, memory["Pss"] / 1024, cpu)


def _name(command: str) -> str:
    if "envoy" in command.split(" ", maxsplit=1)[0]:
        return "envoy"
    words = [word for word in command.split() if not word.startswith("-")]
    known = {"up", "web", "worker", "gateway", "sandbox"}
    return next((word for word in reversed(words) if word in known), command[:30])
