"""The call log on disk: the live file that Envoy appends to, and the older ones that were moved aside.

A segment is one file, named by the hash of its first line (which holds a tracking id): the name survives renaming,
restarts of everything, and a file system that gives the same inode again.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

_LONGEST_LINE = 256 * 1024
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    path: Path
    is_live: bool


class CallSegments:
    """`live` is the path that Envoy writes to; older segments lie beside it as `<stem>.<nanoseconds>.tsv`."""

    def __init__(self, live: Path) -> None:
        self.live = live

    def all(self) -> list[Segment]:
        """Oldest first; a file without a whole line has no name yet and is left out."""
        named = [(segment_name(path), path) for path in (*self.aside(), self.live)]
        return [Segment(name, path, path == self.live) for name, path in named if name]

    def aside(self) -> list[Path]:
        return sorted(self.live.parent.glob(f"{self.live.stem}.*{self.live.suffix}"))

    def move_live_aside(self) -> None:
        """Envoy goes on writing to the moved file until it is told to open its logs again, or dies."""
        self.live.replace(self.live.with_name(f"{self.live.stem}.{time.time_ns():020d}{self.live.suffix}"))

    def discard_nameless(self) -> None:
        """Older files without one whole line, which only a killed Envoy leaves: there is no record in them."""
        for path in self.aside():
            if self.live.exists() and not segment_name(path):
                path.unlink()

    def ends_in_a_cut_line(self) -> bool:
        """Envoy was killed within a write: appending to this file would spoil one line more."""
        size = size_of(self.live)
        return size > 0 and read_at(self.live, size - 1, 1) != b"\n"


def size_of(path: Path) -> int:
    """0 for a file that is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def segment_name(path: Path) -> str:
    """ "" as long as the file has no whole line."""
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_LINE)
    except FileNotFoundError:
        return ""
    return hashlib.sha256(line).hexdigest()[:_NAME_LENGTH] if line.endswith(b"\n") else ""


def read_at(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def whole_lines(path: Path, offset: int, length: int) -> bytes:
    """The lines that begin at `offset`, `length` bytes at most unless the first one alone is longer."""
    data = read_at(path, offset, length)
    end = data.rfind(b"\n") + 1
    if end == 0 and len(data) == length:
        data = read_at(path, offset, length + _LONGEST_LINE)
        end = data.find(b"\n") + 1
    return data[:end]
