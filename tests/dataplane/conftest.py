"""A gateway node that is not started, and one that serves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataplane.node_under_test import NodeUnderTest


def _stop(made: NodeUnderTest) -> None:
    note = made.home.run / "envoy.pid"
    made.stop()
    if note.exists() and Path(f"/proc/{(pid := int(note.read_text().split()[0]))}/exe").exists():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeUnderTest]:
    """Nothing is started yet."""
    made = NodeUnderTest(tmp_path)
    yield made
    _stop(made)


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeUnderTest]:
    """Worker, agent and Envoy up, product `accounts` served. Shared: a test leaves it serving."""
    made = NodeUnderTest(tmp_path_factory.mktemp("node"))
    try:
        made.start_worker()
        made.start_agent()
        made.until_serving(seconds=90)  # a new database is made first
        yield made
    finally:
        _stop(made)
