"""What the nodes are to run, in memory; long polls wait on it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from propylon.gateway.layers import may_lean
from propylon.gateway.snapshot import MARKS_KIND, SETTLED_KIND, Resource


@dataclass(frozen=True, slots=True)
class LayeredMarks:
    """Resource "marks" for nodes that run settlement `base` or a later one, and what the others get."""

    recent: Resource
    base: int
    whole: Callable[[], Resource]  # slow the first time
    count: int = 0  # marks in `recent`


class Offering:
    """Holds the newest resource of each kind. `offer…` is called from any thread, all else on the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resources: Mapping[str, Resource] = {}
        self._marks: LayeredMarks | None = None
        self._settlements: Mapping[str, int] = {}
        self._settled_on: dict[str, str] = {}  # node: settled version that it confirmed last
        self._waiters: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def offer(self, resources: Iterable[Resource]) -> None:
        """All of them become visible at the same moment."""
        with self._lock:
            self._resources = {**self._resources, **{resource.kind: resource for resource in resources}}
            loop = self._loop
        self._wake_from_thread(loop)

    def offer_marks(self, marks: LayeredMarks) -> None:
        with self._lock:
            self._marks = marks
            loop = self._loop
        self._wake_from_thread(loop)

    def know_settlements(self, numbers: Mapping[str, int]) -> None:
        """Settled version to number. Call it before such a version is offered."""
        self._settlements = dict(numbers)

    def current(self) -> Mapping[str, Resource]:
        return self._resources

    def note_settled(self, node: str, version: str) -> bool:
        """The node has confirmed this settled version; true if that is news. Its polls for marks end.

        They say that it runs an earlier one, and what they would be given depends on that: it asks again at once.
        """
        if self._settled_on.get(node) == version:
            return False
        self._settled_on[node] = version
        self._wake()
        return True

    def close(self) -> None:
        """Let every waiting poll answer at once: the control plane is about to stop. On the event loop."""
        self._is_closed = True
        self._wake()

    async def difference(
        self, kinds: Collection[str], have: Mapping[str, str], wait: float, node: str = ""
    ) -> Mapping[str, Resource]:
        """The resources of `kinds` whose version is not the one in `have`; nothing after `wait` seconds.

        For "marks", `have` also says which settled version the node's Envoy runs.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            self._loop = loop
        deadline, changed = loop.time() + wait, asyncio.Event()
        self._waiters.add(changed)
        confirmed = self._settled_on.get(node)
        try:
            while not self._is_closed:
                if MARKS_KIND in kinds and self._settled_on.get(node) != confirmed:
                    break
                offered = await self._offered(kinds, have)
                if different := {kind: it for kind, it in offered.items() if it.version != have.get(kind)}:
                    return different
                async with asyncio.timeout_at(deadline):
                    await changed.wait()
                changed.clear()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(changed)
        return {}

    async def _offered(self, kinds: Collection[str], have: Mapping[str, str]) -> dict[str, Resource]:
        offered, marks = self._resources, self._marks
        found = {kind: offered[kind] for kind in kinds if kind in offered}
        if MARKS_KIND in kinds and marks is not None:
            is_small = may_lean(marks.base, self._settlements, have.get(SETTLED_KIND, ""))
            found[MARKS_KIND] = marks.recent if is_small else await asyncio.to_thread(marks.whole)
        return found

    def _wake_from_thread(self, loop: asyncio.AbstractEventLoop | None) -> None:
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waiter in self._waiters:
            waiter.set()
