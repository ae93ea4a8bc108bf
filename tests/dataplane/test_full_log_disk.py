"""The file system of a node's call log is full: calls go on, what cannot be written is lost, and room brings all back.

docs/explanation/call-records.md, "A full disk".
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataplane.node_under_test import NodeUnderTest, until
from propylon.dataplane.unix_http import exchange

ROOM = 96 * 1024
SEGMENT = 32 * 1024  # what is moved aside and stored is deleted: that makes room
MORE = 25


@pytest.fixture
def small_disk(node: NodeUnderTest) -> Iterator[Path]:
    """The node's log folder is a file system of its own with ROOM bytes."""
    folder = node.home.call_log.parent
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "propylon-test", str(folder)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        pytest.skip(f"needs the right to mount a file system: {done.stderr if done else 'not root'}")
    try:
        yield folder
    finally:
        node.stop()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_calls_go_on_while_the_log_disk_is_full_and_records_come_again_when_there_is_room(
    node: NodeUnderTest, small_disk: Path
) -> None:
    node.segment_bytes = SEGMENT
    node.start_worker()
    node.start_agent()
    node.until_serving()
    until(lambda: _is_all_stored(node), "the records of the start")
    before = node.stored_calls()
    assert _lines(small_disk) == before
    node.kill_worker()  # the control plane is away: what is written waits on the disk
    connection, answered = node.connection(), 0
    while _free(small_disk):
        assert node.get(connection=connection) == 200
        answered += 1
    for _ in range(MORE):
        assert node.get(connection=connection) == 200
        answered += 1
    until(lambda: _failed_writes(node) > 0, "Envoy to say that it could not write")
    written = _lines(small_disk) - before
    assert 0 < written < answered
    node.start_worker()
    until(lambda: _free(small_disk) > SEGMENT and _is_all_stored(node), "room, and the records of what was written")
    stored = node.stored_calls()
    assert before + written - 1 <= stored < before + answered  # the line in which the disk became full is cut
    for _ in range(MORE):
        assert node.get(connection=connection) == 200
    connection.close()
    until(lambda: node.stored_calls() == stored + MORE, "the records of the calls since, each of them once")


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("calls*"))


def _is_all_stored(node: NodeUnderTest) -> bool:
    """Whole lines only: what was cut stays."""
    on_disk = sum(path.read_bytes().rfind(b"\n") + 1 for path in node.home.call_log.parent.glob("calls*"))
    shipped = node.rows("usage", 'SELECT coalesce(sum("offset"), 0) FROM usage_shippedsegment')[0][0]
    return bool(on_disk <= shipped)


def _failed_writes(node: NodeUnderTest) -> int:
    answer = exchange(node.home.envoy_admin_socket, "GET", "/stats?filter=filesystem.write_failed")
    return int(answer.body.decode().rpartition(":")[2])
