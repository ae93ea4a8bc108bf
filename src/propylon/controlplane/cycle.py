"""Load, compile, offer, record: after every change, many changes at once; a thread for each line."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import DatabaseError, close_old_connections

from propylon.controlplane.actions import record_failure
from propylon.controlplane.event_log import EventLog, consistently
from propylon.kernel.errors import PropylonError

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 2.0

Model = TypeVar("Model")
Compiled = TypeVar("Compiled")


@dataclass(frozen=True, slots=True)
class Line(Generic[Model, Compiled]):
    """What distinguishes configuration, recent and settled marks: how each is loaded, compiled, offered, recorded."""

    name: str
    load: Callable[[], Model]
    compile: Callable[[Model], Compiled]
    offer: Callable[[Compiled], None]
    record: Callable[[Compiled], None]
    longest_pause: float = 0.2  # seconds
    every: float | None = None  # seconds; a line that looks by itself too


class Cycle(threading.Thread, Generic[Model, Compiled]):
    """One line's thread. A failure of any sort leaves the last good offer in place."""

    def __init__(self, line: Line[Model, Compiled]) -> None:
        super().__init__(name=f"compile-{line.name}", daemon=True)
        self._line = line
        self._log = EventLog()
        self._wanted = threading.Event()
        self._is_stopping = False
        self._last: Model | None = None
        self._last_failure = ""

    def want(self) -> None:
        """Something changed; returns at once."""
        self._wanted.set()

    def stop(self) -> None:
        self._is_stopping = True
        self._wanted.set()

    def run(self) -> None:
        while True:
            self._wanted.wait(timeout=_RETRY_SECONDS if self._last_failure else self._line.every)
            if self._is_stopping:
                return
            self._wanted.clear()
            began = time.monotonic()
            self.turn()
            # Under a stream of changes loading takes a quarter of the time, not all of it.
            time.sleep(min(self._line.longest_pause, 3 * (time.monotonic() - began)))

    def turn(self) -> None:
        """One round. Never raises: the next change must find the thread alive."""
        try:
            self._publish()
            self._last_failure = ""
        except Exception as error:  # noqa: BLE001  (whatever a model makes the compiler do, the last good one serves)
            self._fail(error)
        finally:
            close_old_connections()

    def _publish(self) -> None:
        model = consistently(self._line.load, self._log)
        if model == self._last:
            return
        compiled = self._line.compile(model)
        self._line.offer(compiled)
        self._line.record(compiled)
        self._last = model
        _log.info("controlplane.offered", extra={"line": self._line.name})

    def _fail(self, error: Exception) -> None:
        code = error.code if isinstance(error, PropylonError) else "controlplane.compilation.failed"
        message = f"{type(error).__name__}: {error}"
        if message == self._last_failure:
            return
        self._last_failure = message
        _log.error("controlplane.failed", extra={"line": self._line.name, "code": code}, exc_info=error)
        try:
            record_failure(place=self._line.name, code=code, message=message)
        except DatabaseError as unrecorded:
            _log.warning("controlplane.failure.unrecorded", extra={"detail": str(unrecorded)})
