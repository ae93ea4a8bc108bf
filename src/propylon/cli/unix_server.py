"""An application on a Unix socket: granian inside this process, so that one kill ends all of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import Any

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server


def serve(application: Any, socket: Path, interface: Interfaces) -> None:
    """Serve until SIGTERM or SIGINT; requests that run are answered first."""
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.unlink(missing_ok=True)  # of a process that was killed
    os.umask(0o077)  # the socket is for the gateway alone, wherever its folder lies
    quiet_collector()
    uvloop.run(_serve(application, socket, interface))


def quiet_collector() -> None:
    """What was loaded stays: no collection looks at it again. What a request makes goes without the collector, but for
    a rare cycle: that may wait for 20,000 objects instead of 700."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _serve(application: Any, socket: Path, interface: Interfaces) -> None:
    server = Server(
        application,
        uds=socket,
        interface=interface,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
