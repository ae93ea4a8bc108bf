"""The worker process: the control plane's server and the periodic work of every room."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.db import close_old_connections

from propylon.accounts import tasks as accounts
from propylon.applications import tasks as applications
from propylon.applications.selectors import client_source_ranges
from propylon.authserver import tasks as authserver
from propylon.catalog import tasks as catalog
from propylon.certificates import tasks as certificates
from propylon.controlplane import tasks as controlplane
from propylon.controlplane.selectors import gateway_model
from propylon.controlplane.server import ControlPlane
from propylon.customers import tasks as customers
from propylon.kernel.periodic import Periodic
from propylon.marks import tasks as marks
from propylon.notifications import tasks as notifications
from propylon.usage import tasks as usage

_log = logging.getLogger(__name__)
_THREADS = 4
PERIODIC: tuple[Periodic, ...] = (
    *marks.PERIODIC,
    *notifications.PERIODIC,
    *accounts.PERIODIC,
    *customers.PERIODIC,
    *catalog.PERIODIC,
    *applications.PERIODIC,
    *certificates.PERIODIC,
    *authserver.PERIODIC,
    *usage.PERIODIC,
    *controlplane.PERIODIC,
)


def run_worker() -> None:
    """Runs until SIGTERM or SIGINT; what is being done is finished, nothing new begins."""
    control_plane = ControlPlane(
        settings.PROPYLON_HOME,
        load_model=gateway_model,
        load_source_ranges=client_source_ranges,
        nodes_address=settings.PROPYLON_NODES_ADDRESS,
    )
    asyncio.run(run(control_plane, PERIODIC))


async def run(control_plane: ControlPlane, periodic: tuple[Periodic, ...]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="periodic")
    server = asyncio.create_task(control_plane.serve())
    repeating = [asyncio.create_task(_repeat(work, threads, stopping)) for work in periodic]
    until_stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({server, until_stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    control_plane.stop()
    await asyncio.gather(*repeating)
    threads.shutdown(wait=True)
    await server  # raises what stopped it, if it stopped by itself
    _log.info("worker.stopped")


async def _repeat(work: Periodic, threads: ThreadPoolExecutor, stopping: asyncio.Event) -> None:
    """Every `every_seconds` from start to start, never twice at once."""
    while not stopping.is_set():
        began = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(threads, _run_logged, work)
        pause = max(0.0, work.every_seconds - (time.monotonic() - began))
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            pass


def _run_logged(work: Periodic) -> None:
    try:
        work.run()
    except Exception:  # noqa: BLE001  (one task's failure is not the worker's)
        _log.exception("worker.task.failed", extra={"task": work.name})
    finally:
        close_old_connections()
