"""Shipping of call records: every whole line of every segment, once, however often anybody is killed.

The server alone knows how far a segment is stored; it moves that offset in the transaction that stores the records. The
agent keeps no offset on disk: it asks, sends from there, and believes the answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from propylon.dataplane.call_segments import CallSegments, Segment, size_of, whole_lines
from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.gateway.files import HANDSHAKE_LOG

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 0.1
# Large batches cost half of what small ones cost to store (an index over random ids is rewritten page by page), so
# that under load records arrive once a second.
_BUSY_BYTES = 100_000
_BUSY_SECONDS = 1.0
_AWAY_SECONDS = 0.5
_STUCK_SECONDS = 1.0
_REOPEN_EVERY_SECONDS = 1.0  # Envoy opens the new file with the next line that it writes


class Shipper:
    """`reopen_logs` tells Envoy to begin a new file; it may raise OSError when Envoy is away."""

    def __init__(
        self,
        segments: CallSegments,
        control_plane: ControlPlane,
        reopen_logs: Callable[[], None],
        *,
        segment_bytes: int,
        batch_bytes: int,
    ) -> None:
        self._segments = segments
        self._handshakes = segments.live.with_name(Path(HANDSHAKE_LOG).name)
        self._control_plane = control_plane
        self._reopen_logs = reopen_logs
        self._segment_bytes = segment_bytes
        self._batch_bytes = batch_bytes
        self._stored: dict[str, int] = {}  # by segment, as the server last said
        self._sizes: dict[Path, int] = {}
        self._is_away = False
        self._reopen_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._round()):
            pass

    def ship_all(self) -> None:
        """Everything that is on disk now. Raises ControlPlaneAway."""
        for segment in self._segments.all():
            self._ship(segment)
            self._forget_if_done(segment)
        self._segments.discard_nameless()

    def waiting_bytes(self) -> int:
        """How much is on disk that the server is not known to have."""
        return sum(max(0, size_of(it.path) - self._stored.get(it.name, 0)) for it in self._segments.all())

    def _round(self) -> float:
        """How long to wait until the next one, in seconds."""
        pause = _LOOK_EVERY_SECONDS
        try:
            sizes = self._current_sizes()
            if sizes != self._sizes:
                pause = _BUSY_SECONDS if self.waiting_bytes() > _BUSY_BYTES else _LOOK_EVERY_SECONDS
                self.ship_all()
                self._sizes = sizes
            self._rotate()
        except ControlPlaneAway as away:
            self._say_away(away)
            return _AWAY_SECONDS
        except OSError as error:
            _log.warning("dataplane.call_log.trouble", extra={"detail": str(error)})
            return _STUCK_SECONDS
        self._is_away = False
        return pause

    def _current_sizes(self) -> dict[Path, int]:
        paths = [*self._segments.aside(), self._segments.live]
        return {path: size_of(path) for path in paths}

    def _ship(self, segment: Segment) -> None:
        if segment.name not in self._stored:
            self._stored[segment.name] = self._control_plane.ship(segment.name, 0, b"")
        # What is there now: under load the file grows while we ship, and whoever chases its end never comes to rotate.
        end = size_of(segment.path)
        while (before := self._stored[segment.name]) < end:
            lines = whole_lines(segment.path, before, self._batch_bytes)
            if not lines:
                return
            # Behind what we sent (it was restored from a backup) or ahead (an answer got lost): we follow either way.
            self._stored[segment.name] = self._control_plane.ship(segment.name, before, lines)
            if self._stored[segment.name] == before:
                raise ControlPlaneAway(f"segment {segment.name} does not move beyond {before}")

    def _forget_if_done(self, segment: Segment) -> None:
        """Delete an older file that the server has whole. Only once Envoy writes to a new one, it can grow no more."""
        if segment.is_live or not self._segments.live.exists():
            return
        rest = size_of(segment.path) - self._stored[segment.name]
        if whole_lines(segment.path, self._stored[segment.name], self._batch_bytes):
            return
        if rest > 0:
            _log.warning("dataplane.call_log.cut_line", extra={"segment": segment.name, "bytes": rest})
        segment.path.unlink()
        del self._stored[segment.name]

    def _rotate(self) -> None:
        if size_of(self._segments.live) >= self._segment_bytes:
            self._segments.move_live_aside()
            self._reopen_at = 0.0
        if size_of(self._handshakes) >= self._segment_bytes:
            self._handshakes.replace(self._handshakes.with_suffix(".old"))  # one older part is kept
            self._reopen_logs()
        if not self._segments.live.exists() and time.monotonic() > self._reopen_at:
            self._reopen_at = time.monotonic() + _REOPEN_EVERY_SECONDS
            self._reopen_logs()

    def _say_away(self, away: ControlPlaneAway) -> None:
        if not self._is_away:
            _log.warning("dataplane.calls.waiting", extra={"detail": str(away)})
        self._is_away = True


def ship_the_rest(shipper: Shipper, *, seconds: float) -> None:
    """On the way out; what stays on disk is shipped by the next agent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            shipper.ship_all()
        except (ControlPlaneAway, OSError):
            time.sleep(0.1)
        else:
            return
