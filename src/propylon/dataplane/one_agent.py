"""One agent for one home."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from propylon.kernel.errors import Kind, PropylonError

_PATIENCE_SECONDS = 10.0  # for one that is just stopping


@contextmanager
def only_agent(run: Path) -> Iterator[None]:
    """Holds the home's agent lock. Raises `dataplane.agent.running` if another agent keeps it."""
    lock = os.open(run / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        while not _locked(lock):
            if time.monotonic() > deadline:
                raise PropylonError(
                    "dataplane.agent.running",
                    f"Another agent (process {os.pread(lock, 20, 0).decode()}) runs on this home. Stop it first.",
                    kind=Kind.CONFLICT,
                )
            time.sleep(0.05)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
