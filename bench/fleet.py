"""What nodes on other machines cost: `python bench/fleet.py` prints rows for one node, and for twenty that wait.

One machine plays all parts, so processor time and memory are what counts here, not how long the way is.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from dataplane.fleet import Fleet, RemoteNode, propylon
from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.way import Ways
from propylon.gateway.fitting import Fit
from propylon.gateway.snapshot import MARKS_KIND, SETTLED_KIND
from propylon.kernel.home import Home

_IDLE_SECONDS, _LOAD_SECONDS = 60, 20
_MARKS, _WAITING = 30, 20


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fleet-") as name:
        fleet = Fleet(Path(name))
        try:
            fleet.start()
            node = fleet.node("node-2", "127.0.0.2")
            node.until_serving()
            time.sleep(3)
            _measure_one(fleet, node)
            _measure_many(fleet)
        finally:
            fleet.stop()


def _measure_one(fleet: Fleet, node: RemoteNode) -> None:
    assert node.process is not None
    assert fleet.first.worker is not None
    agent, check, worker = node.process.pid, _check_pid(node.home), fleet.first.worker.pid
    with _told("a node that waits: agent, check, control plane", (agent, check, worker)):
        time.sleep(_IDLE_SECONDS)
    fleet.first.tell("contract bench 10000000 -")
    with _told("calls of an exact quota on it: agent, check, control plane", (agent, check, worker)):
        print(f"  {_calls(fleet, node)} calls in {_LOAD_SECONDS} s")
    print(f"memory: agent {_memory(agent)} MB, check {_memory(check)} MB")
    late = sorted(_mark(fleet, node, number) for number in range(_MARKS))
    print(f"a mark acts on it after {statistics.median(late) * 1000:.0f} ms, at worst {late[-1] * 1000:.0f} ms")


def _measure_many(fleet: Fleet) -> None:
    """Nodes that wait for marks and do nothing else, in threads of this process."""
    assert fleet.first.worker is not None
    nodes = [_enrolled(fleet, f"waiting-{number}") for number in range(_WAITING)]
    arrived: list[float] = []
    over = threading.Event()
    threads = [threading.Thread(target=_follow, args=(node, arrived, over), daemon=True) for node in nodes]
    for thread in threads:
        thread.start()
    time.sleep(5)
    with _told(f"{_WAITING} more nodes that wait: control plane", (fleet.first.worker.pid,)):
        time.sleep(_IDLE_SECONDS)
    late = []
    for number in range(_MARKS):
        arrived.clear()
        placed_at = float(fleet.first.tell(f"mark client everywhere-{number}.1"))
        while len(arrived) < _WAITING:
            time.sleep(0.002)
        late.append(max(arrived) - placed_at)
        time.sleep(0.3)
    over.set()
    print(
        f"a mark is with all of them after {statistics.median(late) * 1000:.0f} ms, at worst {max(late) * 1000:.0f} ms"
    )


def _enrolled(fleet: Fleet, name: str) -> ControlPlane:
    bundle, home = fleet.root / f"{name}.bundle", Home(fleet.root / name)
    fleet.propylon("node", "add", name, "--out", str(bundle))
    propylon(home, "node", "join", str(bundle))
    return ControlPlane(Ways(home), name, Fit())


def _follow(node: ControlPlane, arrived: list[float], over: threading.Event) -> None:
    have: dict[str, str] = {}
    while not over.is_set():
        try:
            found = node.poll([MARKS_KIND, SETTLED_KIND], have, 20)
        except ControlPlaneAway:  # the end
            return
        have |= {kind: resource.version for kind, resource in found.items()}
        if MARKS_KIND in found:
            arrived.append(time.time())


def _calls(fleet: Fleet, node: RemoteNode) -> int:
    token, until = fleet.first.token("bench", plan="exact"), time.monotonic() + _LOAD_SECONDS
    counts: list[int] = []

    def call_on() -> None:
        connection, count = fleet.first.connection(node.address), 0
        while time.monotonic() < until:
            count += fleet.first.get(token=token, connection=connection) == 200
        counts.append(count)

    threads = [threading.Thread(target=call_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _mark(fleet: Fleet, node: RemoteNode, number: int) -> float:
    """Seconds from the commit to the first refusal."""
    token, connection = fleet.first.token(f"marked-{number}"), fleet.first.connection(node.address)
    assert fleet.first.get(token=token, connection=connection) == 200
    placed_at = float(fleet.first.tell(f"mark client marked-{number}.1"))
    while fleet.first.get(token=token, connection=connection) != 401:
        time.sleep(0.002)
    return time.time() - placed_at


@contextmanager
def _told(what: str, pids: Sequence[int]) -> Iterator[None]:
    before, began = [_cpu(pid) for pid in pids], time.monotonic()
    yield
    seconds = time.monotonic() - began
    shares = [f"{(_cpu(pid) - was) / seconds * 100:.2f} %" for pid, was in zip(pids, before, strict=True)]
    print(f"{what}: {', '.join(shares)} of a core")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) // 1024


def _check_pid(home: Home) -> int:
    wanted = f"propylon.dataplane.call_check\0{home.root}\0"
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if wanted in (entry / "cmdline").read_text():
                    return int(entry.name)
            except OSError:
                continue
    raise AssertionError("the node has no check")


if __name__ == "__main__":
    main()
