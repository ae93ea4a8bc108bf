"""Taking call records in, in a process of its own that yields to everything else.

Under full load calls come first: their records wait on disk for the processor. And what revokes never waits for what
counts: a mark is compiled in the worker, whose interpreter this process does not share.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from django.db import close_old_connections

from propylon.kernel.errors import Kind, PropylonError
from propylon.usage.actions import ingest_lines
from propylon.usage.ingest_connection import prepare_connection
from propylon.usage.quotas import keep_quotas
from propylon.usage.rollups import MOST_CALLS, add_up

_NICENESS = 10
_ADD_UP_EVERY_SECONDS = 2.0
_ADD_UP_AT_LATEST_SECONDS = 8.0
_PAUSE = 24  # times as long as adding up took
_PR_SET_PDEATHSIG = 1
_log = logging.getLogger(__name__)


class IngestProcess:
    """Make it before the process has threads or an event loop: it forks here, sharing the memory that is there."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(os.getpid(),))
        self._pool.submit(os.getpid).result()

    async def ingest(self, node: str, segment: str, offset: int, data: bytes) -> int:
        """The stored offset. Raises `usage.ingestion.away` when nothing could be stored now."""
        loop = asyncio.get_running_loop()
        try:
            stored = await loop.run_in_executor(self._pool, _stored_offset, node, segment, offset, data)
        except BrokenProcessPool:
            _log.error("controlplane.ingestion.died")
            os.kill(os.getpid(), signal.SIGTERM)  # the worker's supervisor starts it again, with a new process
            stored = None
        if stored is None:
            raise PropylonError(
                "usage.ingestion.away",
                "Call records cannot be stored now. Send the same bytes again.",
                kind=Kind.UNAVAILABLE,
                transient=True,
            )
        return stored

    async def keep_adding_up(self) -> None:
        """Until it is cancelled. The longer it takes, the rarer it is: more calls of a series are one write then."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                is_behind = await loop.run_in_executor(self._pool, _added_up)
            except BrokenProcessPool:
                return  # the next batch of records ends the worker
            took = loop.time() - began
            pause = min(max(_ADD_UP_EVERY_SECONDS, took * _PAUSE), _ADD_UP_AT_LATEST_SECONDS)
            await asyncio.sleep(0 if is_behind else pause)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _stored_offset(node: str, segment: str, offset: int, data: bytes) -> int | None:
    """A gap is an answer like any other to the node: it goes back to what is stored. None: see the log."""
    try:
        stored = ingest_lines(node=node, segment=segment, offset=offset, data=data)
    except PropylonError as error:
        if error.code == "usage.segment.gap":
            return int(error.errors[0].reason)
        _log.exception("controlplane.ingestion.failed")
    except Exception:  # noqa: BLE001  (the lines stay on disk, whatever it was)
        _log.exception("controlplane.ingestion.failed")
    else:
        _keep_quotas()
        return stored
    finally:
        close_old_connections()
    return None


def _keep_quotas() -> None:
    """At once, so that what is spent is refused within a second. The periodic task makes up for a failure."""
    try:
        keep_quotas()
    except Exception:  # noqa: BLE001  (the records are stored: that is what the node is told)
        _log.exception("controlplane.quotas.failed")


def _added_up() -> bool:
    """Did more wait than is added up at once?"""
    try:
        return add_up() >= MOST_CALLS
    except Exception:  # noqa: BLE001  (what waits stays stored, whatever it was)
        _log.exception("controlplane.adding_up.failed")
    finally:
        close_old_connections()
    return False


def _begin(worker: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != worker:  # it died before the kernel was told
        os._exit(0)
    os.nice(_NICENESS)
    prepare_connection()
