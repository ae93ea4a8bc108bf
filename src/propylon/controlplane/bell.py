"""Hearing that something committed: the bell, and a look of our own, because a bell may be lost."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from propylon.controlplane.event_log import EventLog

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 0.5
# Ids do not commit in their order on PostgreSQL, so a lost bell could hide behind a later id: look anyway, at times.
_ANYWAY_EVERY_SECONDS = 30.0


class BellListener(threading.Thread):
    """Calls `on_change` after every bell, and when the event log tells of a change without one."""

    def __init__(self, path: Path, on_change: Callable[[], None]) -> None:
        super().__init__(name="bell", daemon=True)
        self._path = path
        self._on_change = on_change
        self._socket = _bound_socket(path)
        self._is_stopping = False
        self._log = EventLog()
        self._seen = -1
        self._last_change = 0.0

    def run(self) -> None:
        while not self._is_stopping:
            has_rung = self._wait_for_bell()
            if self._is_stopping:
                break
            if has_rung or self._has_grown() or time.monotonic() - self._last_change > _ANYWAY_EVERY_SECONDS:
                self._last_change = time.monotonic()
                self._on_change()
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def stop(self) -> None:
        self._is_stopping = True

    def _wait_for_bell(self) -> bool:
        self._socket.settimeout(_LOOK_EVERY_SECONDS)
        try:
            self._socket.recv(16)
            self._socket.setblocking(False)
            while self._socket.recv(16):  # many bells are one change
                pass
        except BlockingIOError:
            return True
        except TimeoutError:
            return False
        return True

    def _has_grown(self) -> bool:
        try:
            latest = self._log.latest_change()
        except DatabaseError as error:
            _log.warning("controlplane.event_log.unreadable", extra={"detail": str(error)})
            return False
        finally:
            close_old_connections()
        has_grown = latest != self._seen
        self._seen = latest
        return has_grown


def _bound_socket(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)  # of a worker that was killed
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening
