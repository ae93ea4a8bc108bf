"""Ten thousand marks on a real node: a new one rewrites the small file only, and no death uncovers any of them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dataplane.node_under_test import NodeUnderTest, until

COUNT = 10_000


class Watcher(threading.Thread):
    """Calls with marked tokens all the time; `let_through` must stay empty."""

    def __init__(self, node: NodeUnderTest, clients: list[str]) -> None:
        super().__init__(daemon=True)
        self.node = node
        self.tokens = [node.token(client) for client in clients]
        self.refused = 0
        self.let_through: list[int] = []
        self.is_stopping = False

    def run(self) -> None:
        connection = self.node.connection()
        while not self.is_stopping:
            for token in self.tokens:
                status = self.node.get(token=token, connection=connection)
                if status == 401:
                    self.refused += 1
                else:
                    self.let_through.append(status)
        connection.close()

    def stop(self) -> None:
        self.is_stopping = True
        self.join()


def file_of(node: NodeUnderTest, kind: str) -> Path:
    return node.home.gateway / kind / f"{kind}.pb"


def is_settled(node: NodeUnderTest) -> bool:
    """The bulk has left the small layer, and Envoy runs both as they are offered."""
    is_offered = all(node.confirmed(kind) == (node.offered(kind), "") for kind in ("settled", "marks"))
    return is_offered and file_of(node, "marks").stat().st_size < 100_000 < file_of(node, "settled").stat().st_size


def settlements(node: NodeUnderTest) -> int:
    return int(node.rows("default", "SELECT max(id) FROM controlplane_settlement WHERE version <> ''")[0][0])


@pytest.mark.slow  # half a minute of both cores
@pytest.mark.timeout(120)
def test_with_ten_thousand_marks_a_new_one_rewrites_the_small_file_only_and_no_kill_uncovers_one(
    node: NodeUnderTest,
) -> None:
    node.start_worker()
    node.start_agent()
    node.until_serving()
    node.tell(f"marks {COUNT}")
    first, last = "many-000000", f"many-{COUNT - 1:06d}"
    until(lambda: node.get(token=node.token(last)) == 401, "the bulk")
    assert node.get(token=node.token(first)) == 401

    watcher = Watcher(node, [first, last])
    watcher.start()
    for _ in range(2):  # each start settles: killed when it is recorded, while the node takes it
        node.kill_worker()
        made = settlements(node)
        node.start_worker()
        until(lambda made=made: settlements(node) > made, "a settlement")  # type: ignore[misc]
    node.kill_worker()
    node.start_worker()
    until(lambda: is_settled(node), "the bulk to be settled", 60)
    watcher.stop()
    assert watcher.let_through == []
    assert watcher.refused > 10

    settled, marks = file_of(node, "settled").stat(), file_of(node, "marks").stat()
    confirmed = node.confirmed("settled")
    connection, token = node.connection(), node.token("client-new")
    assert node.get(token=token, connection=connection) == 200
    node.tell("mark client client-new.1")
    until(lambda: node.get(token=token, connection=connection) == 401, "the refusal on the open connection")
    connection.close()
    until(lambda: node.confirmed("marks") == (node.offered("marks"), ""), "the confirmation")
    assert node.confirmed("settled") == confirmed
    assert file_of(node, "settled").stat().st_ino == settled.st_ino
    assert marks.st_size < file_of(node, "marks").stat().st_size < 10_000
    assert node.get(token=node.token(first)) == 401
