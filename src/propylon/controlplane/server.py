"""The control plane, to start and to stop: bell, three compiling threads, and the nodes' protocol on its sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from propylon.controlplane.actions import record_revision
from propylon.controlplane.bell import BellListener
from propylon.controlplane.cycle import Cycle, Line
from propylon.controlplane.embedded_server import EmbeddedServer
from propylon.controlplane.ingest_process import IngestProcess
from propylon.controlplane.layers import LoadSourceRanges, MarkLayers
from propylon.controlplane.node_listener import NodeListener
from propylon.controlplane.offering import Offering
from propylon.controlplane.protocol import NodeProtocol
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import GatewayModel
from propylon.kernel.home import Home


class ControlPlane:
    """`serve` runs on the event loop until `stop`; `load_model` and `load_source_ranges` are called in threads."""

    def __init__(
        self,
        home: Home,
        *,
        load_model: Callable[[], GatewayModel],
        load_source_ranges: LoadSourceRanges,
        nodes_address: tuple[str, int] | None = None,
    ) -> None:
        """`nodes_address`: where nodes on other machines are let in, if any are.

        To be called before the process has threads: `IngestProcess` forks.
        """
        self._ingestion = IngestProcess()
        self._socket_path = home.controlplane_socket
        self._offering = Offering()
        configuration = Line(
            "configuration",
            load_model,
            compile_snapshot,
            lambda snapshot: self._offering.offer(snapshot.resources.values()),
            lambda snapshot: record_revision(snapshot=snapshot),
            longest_pause=1.0,
        )
        layers = MarkLayers(self._offering, load_source_ranges)
        # Each in a thread of its own: a mark never waits for a long compilation or a settlement.
        marks = Cycle(layers.recent_line())
        self._cycles: tuple[Cycle[Any, Any], ...] = (marks, Cycle(configuration))
        self._settling = Cycle(layers.settled_line())  # on its own time, not the bell's
        self._bell = BellListener(home.bell_socket, self._want_all)
        self._protocol = NodeProtocol(self._offering, self._ingestion.ingest, on_settled=marks.want)
        self._server = EmbeddedServer(self._protocol.application(asks_for_certificate=False))
        self._nodes: NodeListener | None = None
        if nodes_address is not None:
            remote = self._protocol.application(asks_for_certificate=True)
            self._nodes = NodeListener(nodes_address, remote, home.nodes_certificate)

    async def serve(self) -> None:
        self._want_all()
        self._settling.want()
        for thread in (*self._cycles, self._settling, self._bell):
            thread.start()
        listening = bound_socket(self._socket_path)
        adding_up = asyncio.create_task(self._ingestion.keep_adding_up())
        nodes = None if self._nodes is None else asyncio.create_task(self._nodes.serve())
        try:
            await self._server.serve(sockets=[listening])
        finally:
            adding_up.cancel()
            if self._nodes is not None and nodes is not None:
                self._nodes.stop()
                await asyncio.gather(nodes, return_exceptions=True)
            self._bell.stop()
            for cycle in (*self._cycles, self._settling):
                cycle.stop()
            self._protocol.close()
            self._ingestion.close()

    def stop(self) -> None:
        """From the event loop."""
        self._offering.close()
        self._server.should_exit = True
        if self._nodes is not None:
            self._nodes.stop()

    def _want_all(self) -> None:
        for cycle in self._cycles:
            cycle.want()


def bound_socket(path: Path) -> socket.socket:
    """A listening Unix socket that only our user may open; takes the place of one that a killed worker left."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name("new.sock")
    beside.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(beside))
    beside.chmod(0o600)
    listening.listen(64)
    beside.replace(path)  # so that nobody ever sees it without its mode
    return listening
