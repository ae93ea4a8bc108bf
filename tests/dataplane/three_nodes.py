"""Three gateway nodes on one machine, as if a load balancer stood before them: each an agent, an Envoy and a check.

They listen on the same port, and the kernel spreads the connections over them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dataplane.node_under_test import NodeUnderTest, until
from propylon.kernel.home import Home

_AGENT = (
    "import sys; from pathlib import Path; from propylon.kernel.home import Home; "
    "from propylon.dataplane.agent import run_agent; from propylon.dataplane.settings import NodeSettings; "
    "run_agent(NodeSettings(Home(Path(sys.argv[1])), node=sys.argv[2]))"
)
PATH = "/sandbox/accounts/v1/things"


class ThreeNodes:
    """The first node's home also holds worker and bank."""

    def __init__(self, root: Path) -> None:
        self.first = NodeUnderTest(root / "1")
        self.homes = [self.first.home, Home(root / "2"), Home(root / "3")]
        self.agents: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.first.start_worker()
        for number, home in enumerate(self.homes, 1):
            if number > 1:
                for folder in (home.run, home.logs):
                    folder.mkdir(parents=True)
                shutil.copytree(self.homes[0].root / "tls", home.root / "tls")
                home.controlplane_socket.symlink_to(self.homes[0].controlplane_socket)
            self.agents.append(self._start_agent(home, number))
        for home in self.homes:
            until(lambda home=home: _runs(home), f"node {home.root} to serve", 60)  # type: ignore[misc]
        self.first.until_serving()

    def _start_agent(self, home: Home, number: int) -> subprocess.Popen[bytes]:
        with (home.root / "logs" / "agent.log").open("a") as log:
            return subprocess.Popen([sys.executable, "-c", _AGENT, str(home.root), f"node-{number}"], stderr=log)

    def restart_agent(self, index: int, number: signal.Signals = signal.SIGKILL) -> None:
        self.agents[index].send_signal(number)
        self.agents[index].wait(20)
        self.agents[index] = self._start_agent(self.homes[index], index + 1)

    def check_pid(self, index: int) -> int:
        """0 if there is none."""
        wanted = f"propylon.dataplane.call_check\0{self.homes[index].root}\0"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if wanted in (entry / "cmdline").read_text():
                        return int(entry.name)
                except OSError:
                    continue
        return 0

    def kill_check(self, index: int) -> None:
        if pid := self.check_pid(index):
            os.kill(pid, signal.SIGKILL)

    def served_by(self, index: int) -> int:
        """Calls that this node's log says were served."""
        log = self.homes[index].call_log
        return log.read_text().count("\t200\tvia_upstream\t") if log.exists() else 0

    def stop(self) -> None:
        for agent in self.agents:
            agent.terminate()
        for agent in self.agents:
            agent.wait(20)
        self.first.stop()


def _runs(home: Home) -> bool:
    try:
        running = json.loads((home.gateway / "state.json").read_text())["running"]
    except (OSError, ValueError, KeyError):
        return False
    return {"lds", "rds", "marks", "settled"} <= running.keys()


class Burst:
    """Callers that go on as fast as they can, each time on a connection of its own after a while."""

    def __init__(
        self, first: NodeUnderTest, client: str, callers: int = 9, addresses: Sequence[str] = ("127.0.0.1",)
    ) -> None:
        """The callers share the nodes that listen on `addresses` out among them."""
        self._first = first
        self._token = first.token(client, plan="exact")
        self.codes: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._last_served = time.monotonic()
        self._threads = [
            threading.Thread(target=self._call_on, args=(addresses[number % len(addresses)],), daemon=True)
            for number in range(callers)
        ]

    def start(self) -> Burst:
        for thread in self._threads:
            thread.start()
        return self

    def until_refused(self, seconds: float = 2.5) -> None:
        """Until nothing has been served for a while."""
        self._last_served = time.monotonic()
        until(lambda: time.monotonic() - self._last_served > seconds, "the quota to be spent", 60)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _call_on(self, address: str) -> None:
        while not self._over.is_set():
            try:
                with contextlib.closing(self._first.connection(address)) as connection:
                    for _ in range(20):
                        self._call(connection)
            except Exception:  # noqa: BLE001  (http.client has many words for a connection that ends)
                self._note("broken")

    def _call(self, connection) -> None:  # type: ignore[no-untyped-def]
        connection.request("GET", PATH, headers={"Authorization": f"Bearer {self._token}"})
        response = connection.getresponse()
        body = response.read()
        if response.status == 200:
            self._last_served = time.monotonic()
            self._note("served")
            return
        self._note(json.loads(body)["code"])
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        time.sleep(0.005)

    def _note(self, what: str) -> None:
        with self._lock:
            self.codes[what] += 1
