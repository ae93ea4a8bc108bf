"""The Envoy process: started in a session of its own, found again by a later agent, stopped gracefully.

Envoy inherits an open, locked file: as long as that lock is held an Envoy of this home lives, and the number in the pid
file is its own. So the agent may die at any moment and the next one neither starts a second Envoy nor disturbs a call.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from propylon.dataplane.envoy_admin import EnvoyAdmin

_log = logging.getLogger(__name__)
_STOP_SECONDS = 5.0
# The shell notes its process id, and then becomes Envoy: there is no moment without the note.
_LAUNCH = 'note=$1; echo "$$ $2" > "$note"; shift 2; exec "$@"'


@dataclass(frozen=True, slots=True)
class Command:
    """How Envoy is started; `fingerprint` changes with anything that only a restart brings into force."""

    argv: tuple[str, ...]
    bootstrap: str  # the text of the file that argv names
    folder: Path  # where Envoy runs: its resources name each other relative to it

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join((*self.argv, self.bootstrap)).encode()).hexdigest()[:32]


class EnvoyProcess:
    def __init__(self, command: Command, admin: EnvoyAdmin, *, run: Path, log: Path) -> None:
        self._command = command
        self._admin = admin
        self._lock_path = run / "envoy.lock"
        self._note_path = run / "envoy.pid"
        self._log_path = log
        self._child: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Is there an Envoy of this home, whoever started it?"""
        if self._child is not None and self._child.poll() is not None:
            self._child = None  # reaped
        lock = self._take_lock()
        if lock is not None:
            os.close(lock)
        return lock is None

    @property
    def pid(self) -> int:
        """Of the Envoy that runs; 0 if it has not written its note yet."""
        return self._note()[0]

    def adopt(self) -> bool:
        """True if an Envoy with this very bootstrap runs and answers. Any other one of ours is stopped."""
        if not self.is_running():
            return False
        if self._note()[1] == self._command.fingerprint and self._answers():
            return True
        _log.info("dataplane.envoy.replaced", extra={"pid": self.pid})
        self.stop(drain_seconds=0)
        return False

    def start(self) -> None:
        """Start Envoy and wait until it answers or ends. Raises OSError if the binary cannot be run."""
        lock = self._take_lock()
        if lock is None:
            return
        try:
            self._note_path.unlink(missing_ok=True)
            self._child = self._launch(lock)
        finally:
            os.close(lock)  # Envoy's copy goes on holding it
        self._answers()

    def stop(self, *, drain_seconds: float) -> None:
        """Let calls in progress end, for `drain_seconds` at most; then SIGTERM, which writes out the call log."""
        if not self.is_running():
            return
        self._drain(drain_seconds)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if pid := self.pid:
                os.kill(pid, number)
            deadline = time.monotonic() + _STOP_SECONDS
            while self.is_running() and time.monotonic() < deadline:
                time.sleep(0.02)
            if not self.is_running():
                return

    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        launch: Sequence[str] = ("/bin/sh", "-c", _LAUNCH, "envoy", str(self._note_path), self._command.fingerprint)
        with self._log_path.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  (our own command)
                [*launch, *self._command.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                cwd=self._command.folder,
                start_new_session=True,
                env={"PATH": os.defpath},
            )

    def _drain(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        try:
            if seconds:
                self._admin.begin_draining()
            while time.monotonic() < deadline and self._admin.calls_in_progress():
                time.sleep(0.05)
        except OSError as error:
            _log.warning("dataplane.envoy.not_drained", extra={"detail": str(error)})

    def _answers(self) -> bool:
        deadline = time.monotonic() + 10.0
        while self.is_running() and time.monotonic() < deadline:
            if self._admin.is_live():
                return True
            time.sleep(0.02)
        return False

    def _take_lock(self) -> int | None:
        """The locked file, or None if Envoy holds it."""
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _note(self) -> tuple[int, str]:
        try:
            pid, fingerprint = self._note_path.read_text().split()
            return int(pid), fingerprint
        except (OSError, ValueError):
            return 0, ""
