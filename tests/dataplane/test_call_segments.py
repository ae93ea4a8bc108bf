"""The call log's files on disk, and shipping by the server's own account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from propylon.dataplane.call_segments import CallSegments, segment_name, whole_lines
from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.shipping import Shipper


class Server(ControlPlane):
    """Keeps what it is given, as the real one does; may forget, or lose its answers."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.lost_answers = 0

    def ship(self, segment: str, offset: int, lines: bytes) -> int:
        known = self.stored.setdefault(segment, b"")
        if offset <= len(known):
            fresh = lines[len(known) - offset :]
            self.stored[segment] = known + fresh[: fresh.rfind(b"\n") + 1]
        if lines and self.lost_answers:
            self.lost_answers -= 1
            raise ControlPlaneAway("the answer got lost")
        return len(self.stored[segment])


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return tmp_path / "calls.tsv"


def shipper(live: Path, server: Server, reopen: Callable[[], None] = lambda: None) -> Shipper:
    return Shipper(CallSegments(live), server, reopen, segment_bytes=10**6, batch_bytes=16)


def test_a_segment_keeps_its_name_when_it_is_moved_aside_and_the_next_one_has_another(live: Path) -> None:
    segments = CallSegments(live)
    live.write_bytes(b'{"id": 1')
    assert segments.all() == []  # no whole line, no name
    live.write_bytes(b'{"id": 1}\n{"id": 2}\n')
    name = segment_name(live)
    segments.move_live_aside()
    live.write_bytes(b'{"id": 3}\n')
    older, newer = segments.all()
    assert (older.name, older.is_live, newer.is_live) == (name, False, True)
    assert newer.name != name


def test_only_whole_lines_are_shipped_and_a_line_longer_than_a_batch_too(live: Path) -> None:
    server = Server()
    live.write_bytes(b"short\n" + b"x" * 100 + b"\ncut")
    shipper(live, server).ship_all()
    assert list(server.stored.values()) == [b"short\n" + b"x" * 100 + b"\n"]
    assert whole_lines(live, 107, 16) == b""


def test_a_new_agent_goes_on_where_the_server_says(live: Path) -> None:
    server = Server()
    live.write_bytes(b"one\ntwo\n")
    shipper(live, server).ship_all()
    with live.open("ab") as file:
        file.write(b"three\n")
    shipper(live, server).ship_all()
    assert list(server.stored.values()) == [b"one\ntwo\nthree\n"]


def test_a_lost_answer_doubles_nothing(live: Path) -> None:
    server, again = Server(), 0
    server.lost_answers = 3
    live.write_bytes(b"one\ntwo\nthree\nfour\nfive\n")
    made = shipper(live, server)
    while True:
        try:
            made.ship_all()
            break
        except ControlPlaneAway:
            again += 1
    assert again == 3
    assert list(server.stored.values()) == [b"one\ntwo\nthree\nfour\nfive\n"]


def test_a_server_that_was_set_back_gets_everything_again(live: Path) -> None:
    server = Server()
    live.write_bytes(b"one\ntwo\n")
    made = shipper(live, server)
    made.ship_all()
    server.stored.clear()
    with live.open("ab") as file:
        file.write(b"three\n")
    made.ship_all()
    assert list(server.stored.values()) == [b"one\ntwo\nthree\n"]


def test_an_older_file_stays_until_envoy_writes_to_a_new_one(live: Path) -> None:
    server = Server()
    live.write_bytes(b"one\n")
    CallSegments(live).move_live_aside()
    made = shipper(live, server)
    made.ship_all()
    assert len(CallSegments(live).aside()) == 1
    live.touch()
    made.ship_all()
    assert CallSegments(live).aside() == []
    assert list(server.stored.values()) == [b"one\n"]


def test_shipping_comes_to_an_end_while_the_file_grows(live: Path) -> None:
    class BusyServer(Server):
        def ship(self, segment: str, offset: int, lines: bytes) -> int:
            with live.open("ab") as file:
                file.write(b"one more\n")  # as Envoy does while we ship
            return super().ship(segment, offset, lines)

    server = BusyServer()
    live.write_bytes(b"one\ntwo\n")
    shipper(live, server).ship_all()
    assert live.read_bytes().startswith(b"".join(server.stored.values()))
    assert len(live.read_bytes()) > len(b"".join(server.stored.values())) >= len(b"one\ntwo\n")
