"""The agent's hand on the call check: start it, start it again when it ends, stop it with the node."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time

from propylon.kernel.home import Home

_log = logging.getLogger(__name__)
_LONGEST_PAUSE_SECONDS = 5.0
_STABLE_SECONDS = 10.0
_STOP_SECONDS = 3.0


class CheckProcess:
    """`run` belongs into a thread; `stop` may be called from another."""

    def __init__(self, home: Home, node: str) -> None:
        self._command = (sys.executable, "-m", "propylon.dataplane.call_check", str(home.root), node, str(os.getpid()))
        self._log_path = home.logs / "check.log"
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._is_over = False

    def run(self, stopping: threading.Event) -> None:
        """A check of an agent before us goes on until ours has taken its place."""
        pause = 0.0
        while not stopping.wait(pause):
            started_at = time.monotonic()
            child = self._start()
            if child is None:
                return
            code = child.wait()
            lived = time.monotonic() - started_at
            pause = 0.05 if lived > _STABLE_SECONDS else min(_LONGEST_PAUSE_SECONDS, pause * 2 + 0.05)
            if not stopping.is_set():
                _log.error("dataplane.check.died", extra={"code": code, "lived_seconds": round(lived, 1)})

    def stop(self) -> None:
        """SIGTERM: what waits is answered."""
        with self._lock:
            self._is_over = True
            child = self._child
        if child is None:
            return
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock, self._log_path.open("ab") as log:
            if self._is_over:
                return None
            self._child = subprocess.Popen(  # noqa: S603  (our own command)
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            return self._child
