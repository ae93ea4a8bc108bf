"""Whatever is killed, calls go on, and no call record is lost or doubled."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from dataplane.node_under_test import NodeUnderTest, until


class Caller(threading.Thread):
    """Calls all the time on one connection after the other, and counts the answers."""

    def __init__(self, node: NodeUnderTest) -> None:
        super().__init__(daemon=True)
        self.node = node
        self.token = node.token()
        self.answered = 0
        self.unanswered = 0
        self.is_stopping = False

    def run(self) -> None:
        connection = self.node.connection()
        while not self.is_stopping:
            if self.node.get(token=self.token, connection=connection) == 200:
                self.answered += 1
            else:
                self.unanswered += 1
                connection.close()
                connection = self.node.connection()
                time.sleep(0.02)
        connection.close()

    def stop(self) -> None:
        self.is_stopping = True
        self.join()


def test_an_agent_killed_9_disturbs_no_call_and_the_next_one_adopts_envoy(serving: NodeUnderTest) -> None:
    pid, caller = serving.envoy_pid(), Caller(serving)
    caller.start()
    serving.kill_agent()
    time.sleep(0.2)
    before = caller.answered
    serving.start_agent()
    serving.set_world(products=["accounts", "adopted"])
    serving.until_serving("adopted", seconds=10)
    caller.stop()
    assert caller.answered > before
    assert caller.unanswered == 0
    assert serving.envoy_pid() == pid


def test_an_envoy_killed_9_is_started_again_with_everything_it_had(serving: NodeUnderTest) -> None:
    serving.tell("mark client client-before.1")
    marked = serving.token("client-before")
    until(lambda: serving.get(token=marked) == 401, "the mark", 2)
    pid = serving.envoy_pid()
    os.kill(pid, signal.SIGKILL)
    serving.until_serving(seconds=10)
    assert serving.envoy_pid() != pid
    assert serving.get(token=marked) == 401
    assert serving.get() == 200


def test_with_the_control_plane_away_a_node_starts_from_the_files_it_has(serving: NodeUnderTest) -> None:
    serving.kill_worker()
    os.kill(serving.envoy_pid(), signal.SIGKILL)
    serving.kill_agent()
    assert serving.get() == 0
    serving.start_agent()
    serving.until_serving(seconds=10)
    serving.start_worker()
    serving.set_world(products=["accounts", "back"])
    serving.until_serving("back", seconds=10)


def test_every_call_is_recorded_once_whoever_is_killed_meanwhile(serving: NodeUnderTest) -> None:
    until(lambda: _everything_is_shipped(serving), "the records of the tests before")
    stored_before, caller = serving.stored_calls(), Caller(serving)
    caller.start()
    for _ in range(2):
        time.sleep(0.4)
        serving.kill_agent()
        time.sleep(0.2)
        serving.start_agent()
        time.sleep(0.4)
        serving.kill_worker()
        time.sleep(0.2)
        serving.start_worker()
    caller.stop()
    assert caller.unanswered == 0
    until(lambda: serving.stored_calls() - stored_before >= caller.answered, "the records")
    time.sleep(0.5)  # one too many would come now
    assert serving.stored_calls() - stored_before == caller.answered


@pytest.mark.slow
def test_segments_are_rotated_under_load_and_deleted_once_they_are_stored(node: NodeUnderTest) -> None:
    node.segment_bytes = 40_000
    node.start_worker()
    node.start_agent()
    node.until_serving()
    until(lambda: _everything_is_shipped(node), "the records of the start")
    stored_before, caller = node.stored_calls(), Caller(node)
    caller.start()
    log = node.home.call_log
    until(lambda: _segments(node) >= 3, "three segments")
    caller.stop()
    until(lambda: node.stored_calls() - stored_before == caller.answered, "the records")
    until(lambda: not log.exists() or log.stat().st_size < node.segment_bytes, "the last rotation")
    # Envoy opens the new file with the next line that it writes, and only then has the old one reached its end.
    assert node.get() == 200
    until(lambda: _names(log.parent) == [log.name], "the old segments to go")


def test_sigterm_lets_the_call_log_and_envoy_end_in_order(serving: NodeUnderTest) -> None:
    assert serving.get() == 200
    assert serving.agent is not None
    pid = serving.envoy_pid()
    serving.agent.terminate()
    assert serving.agent.wait(timeout=10) == 0
    assert not Path(f"/proc/{pid}/exe").exists()  # a zombie at most, where nobody reaps orphans
    assert serving.state()["envoy_pid"] == 0
    assert _everything_is_shipped(serving)
    serving.start_agent()
    serving.until_serving(seconds=10)


def test_a_lost_bell_delays_a_change_by_half_a_second_and_loses_nothing(serving: NodeUnderTest) -> None:
    serving.home.bell_socket.unlink()
    serving.set_world(products=["accounts", "unheard"])
    serving.until_serving("unheard", seconds=3)
    serving.kill_worker()
    serving.start_worker()
    until(serving.home.bell_socket.exists, "the worker's own bell again")


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("calls*")]


def _segments(node: NodeUnderTest) -> int:
    return int(node.rows("usage", 'SELECT count(*) FROM usage_shippedsegment WHERE "offset" > 0')[0][0])


def _everything_is_shipped(node: NodeUnderTest) -> bool:
    before = _bytes_on_disk(node)
    time.sleep(0.3)  # Envoy writes every 0.1 s
    shipped = node.rows("usage", 'SELECT coalesce(sum("offset"), 0) FROM usage_shippedsegment')[0][0]
    return before == _bytes_on_disk(node) <= shipped


def _bytes_on_disk(node: NodeUnderTest) -> int:
    return sum(path.stat().st_size for path in node.home.call_log.parent.glob("calls*"))
