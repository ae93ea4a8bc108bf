"""The web process' application as `propylon web` serves it, but on a loopback port that the load generator reaches."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from propylon.cli.unix_server import quiet_collector
from propylon.project.rsgi import application


async def serve(port: int) -> None:
    server = Server(
        application,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


quiet_collector()
uvloop.run(serve(int(sys.argv[1])))
