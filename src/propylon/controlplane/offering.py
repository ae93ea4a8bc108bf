"""What the nodes are to run, in memory; long polls wait on it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Iterable, Mapping

from propylon.gateway.snapshot import Resource


class Offering:
    """Holds the newest resource of each kind. `offer` is called from any thread, `difference` on the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resources: Mapping[str, Resource] = {}
        self._waiters: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def offer(self, resources: Iterable[Resource]) -> None:
        """All of them become visible at the same moment."""
        with self._lock:
            self._resources = {**self._resources, **{resource.kind: resource for resource in resources}}
            loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def current(self) -> Mapping[str, Resource]:
        return self._resources

    def close(self) -> None:
        """Let every waiting poll answer at once: the control plane is about to stop. On the event loop."""
        self._is_closed = True
        self._wake()

    async def difference(self, kinds: Collection[str], have: Mapping[str, str], wait: float) -> Mapping[str, Resource]:
        """The resources of `kinds` whose version is not the one in `have`; nothing after `wait` seconds."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            async with asyncio.timeout(wait):
                while not (different := self._different(kinds, have)) and not self._is_closed:
                    await changed.wait()
                    changed.clear()
                return different
        except TimeoutError:
            return {}
        finally:
            self._waiters.discard(changed)

    def _different(self, kinds: Collection[str], have: Mapping[str, str]) -> dict[str, Resource]:
        offered = self._resources
        return {kind: offered[kind] for kind in kinds if kind in offered and offered[kind].version != have.get(kind)}

    def _wake(self) -> None:
        for waiter in self._waiters:
            waiter.set()
