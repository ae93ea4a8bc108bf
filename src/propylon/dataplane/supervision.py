"""Keeping Envoy up: adopt it or start it, start it again at once when it dies, slower if it keeps dying."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from propylon.dataplane.call_segments import CallSegments
from propylon.dataplane.delivery import Delivery
from propylon.dataplane.envoy_log import EnvoyLog
from propylon.dataplane.envoy_process import EnvoyProcess
from propylon.dataplane.health import NodeState

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 0.05
_WRITE_STATE_EVERY_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 5.0
_STABLE_SECONDS = 10.0
_SUSPICIOUS_PAUSE_SECONDS = 0.2  # the second short life in a row


class Supervisor:
    """Once Envoy answers, each of `deliveries` looks whether Envoy runs what lies in its files."""

    def __init__(
        self,
        envoy: EnvoyProcess,
        state: NodeState,
        log: EnvoyLog,
        segments: CallSegments,
        deliveries: Sequence[Delivery],
    ) -> None:
        self._envoy = envoy
        self._state = state
        self._log = log
        self._segments = segments
        self._deliveries = deliveries
        self._started_at = 0.0
        self._pause = 0.0

    def adopt(self) -> bool:
        """True if the Envoy of an agent before us goes on."""
        if not self._envoy.adopt():
            return False
        _log.info("dataplane.envoy.adopted", extra={"pid": self._envoy.pid})
        return True

    def bring_up(self) -> None:
        """Start Envoy unless it runs, then see what it took of its files."""
        if not self._envoy.is_running():
            if self._segments.ends_in_a_cut_line():
                self._segments.move_live_aside()
            self._started_at = time.monotonic()
            self._envoy.start()
            self._state.count_start()
            _log.info("dataplane.envoy.started", extra={"pid": self._envoy.pid})
        self._state.note(envoy_pid=self._envoy.pid)
        self._state.write()
        for delivery in self._deliveries:
            delivery.reconcile()

    def keep_up(self, stopping: threading.Event) -> None:
        """Until `stopping`."""
        written_at = time.monotonic()
        while not stopping.wait(_LOOK_EVERY_SECONDS):
            if not self._envoy.is_running():
                self._restart(stopping)
            if time.monotonic() - written_at > _WRITE_STATE_EVERY_SECONDS:
                written_at = time.monotonic()
                self._log.bound()
                self._state.write()

    def _restart(self, stopping: threading.Event) -> None:
        lived = time.monotonic() - self._started_at
        self._pause = 0.0 if lived > _STABLE_SECONDS else min(_LONGEST_PAUSE_SECONDS, self._pause * 2 + 0.1)
        words = self._log.words_since(max(0, self._log.position() - 4_000))
        _log.error("dataplane.envoy.died", extra={"lived_seconds": round(lived, 1), "words": words})
        if self._pause > _SUSPICIOUS_PAUSE_SECONDS:
            for delivery in self._deliveries:
                delivery.fall_back()
        if not stopping.wait(self._pause):
            self.bring_up()
