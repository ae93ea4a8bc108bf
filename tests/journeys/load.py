"""Calls from several threads, each answer kept by its tracking id: the client's own count, to compare records with."""

from __future__ import annotations

import http.client
import itertools
import ssl
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

from running_system import RunningSystem


class Load:
    """`answered` holds tracking id → status of every call that was answered to its last byte.

    With `calls` it ends by itself; without, it goes on until `stop`. A call that breaks is counted and not sent again.
    `most_per_second` leaves room for others on the machine; 0: as fast as it can.
    """

    def __init__(
        self,
        system: RunningSystem,
        path: str,
        token: str,
        *,
        threads: int = 4,
        calls: int = 0,
        most_per_second: int = 0,
    ) -> None:
        self._system = system
        self._path = path
        self._headers = {"Authorization": f"Bearer {token}"}
        self._numbers = iter(range(calls)) if calls else itertools.count()
        self._pause = threads / most_per_second if most_per_second else 0.0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._context = ssl.create_default_context(cafile=str(system.ca_file))
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        self.answered: dict[str, int] = {}
        self.broken = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def by_status_class(self) -> dict[str, int]:
        return dict(Counter(f"{status // 100}xx" for status in self.answered.values()))

    def _run(self) -> None:
        connection = self._connection()
        while not self._stopping.is_set() and next(self._numbers, None) is not None:
            if self._pause:
                self._stopping.wait(self._pause)
            try:
                connection.request("GET", self._path, headers=self._headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.broken += 1
                connection.close()
                connection = self._connection()
                time.sleep(0.01)
                continue
            with self._lock:
                self.answered[answer.headers["RequestTrackingId"]] = answer.status
        connection.close()

    def _connection(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self._system.public_port, context=self._context, timeout=10)
