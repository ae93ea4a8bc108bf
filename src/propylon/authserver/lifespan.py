"""The ASGI lifespan of the web process: what the token endpoint has queued is written before it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from propylon.authserver.audit_queue import queue
from propylon.authserver.threads import in_thread


async def lifespan(
    _scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await in_thread(queue.write)
            await send({"type": "lifespan.shutdown.complete"})
            return
