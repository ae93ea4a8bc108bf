"""A control plane, the node of its machine, and nodes that are enrolled by command in homes of their own.

All on one machine, so the others listen on 127.0.0.2 (and 127.0.0.3 …) with the same ports; between them is real TLS.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from dataplane.node_under_test import NodeUnderTest, free_port, until
from propylon.dataplane.enrolment import Enrolment, read_enrolment
from propylon.dataplane.health import read_state
from propylon.kernel.home import Home
from propylon.sealing.seal import make_sealing_key


class RemoteNode:
    """A home without a database."""

    def __init__(self, fleet: Fleet, name: str, address: str) -> None:
        self.name, self.address = name, address
        self.home = Home(fleet.root / name)
        self._fleet = fleet
        self.process: subprocess.Popen[bytes] | None = None

    def enrol(self) -> None:
        """At the control plane, then here. The server certificate is the operator's own."""
        bundle = self._fleet.root / f"{self.name}.bundle"
        self._fleet.propylon("node", "add", self.name, "--out", str(bundle))
        assert bundle.stat().st_mode & 0o777 == 0o600
        propylon(self.home, "node", "join", str(bundle))
        bundle.unlink()
        shutil.copytree(self._fleet.first.home.root / "tls", self.home.root / "tls", dirs_exist_ok=True)

    def start(self) -> None:
        with (self.home.logs / "agent.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "propylon.cli.main", "gateway", "--home", str(self.home.root)],
                env={**_environment(self.home), "PROPYLON_LISTEN_ADDRESS": self.address},
                stderr=log,
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def enrolment(self) -> Enrolment:
        found = read_enrolment(self.home)
        assert found is not None
        return found

    def state(self) -> dict[str, Any]:
        return read_state(self.home)

    def get(self, path: str = "/sandbox/accounts/v1/things", token: str = "") -> tuple[int, dict[str, Any]]:
        """Status and body; 0 if there was no answer."""
        first = self._fleet.first
        try:
            connection = first.connection(self.address)
            connection.request("GET", path, headers={"Authorization": f"Bearer {token or first.token()}"})
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        except OSError:
            return 0, {}

    def until_serving(self) -> None:
        until(lambda: self.get()[0] == 200, f"{self.name} to serve; see {self.home.logs}", 60)


class Fleet:
    """`first` is the control plane's machine, with a node of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.first = NodeUnderTest(root / "1")
        self.nodes_port = free_port()
        self.first.nodes_address = f"127.0.0.1:{self.nodes_port}"
        make_sealing_key(self.first.home.sealing_key)
        self.remote: list[RemoteNode] = []

    def start(self) -> None:
        self.first.start_worker()
        self.first.start_agent()
        self.first.until_serving(seconds=90)  # a new database is made first

    def node(self, name: str, address: str) -> RemoteNode:
        """Enrolled and started."""
        made = RemoteNode(self, name, address)
        self.remote.append(made)
        made.enrol()
        made.start()
        return made

    def propylon(self, *arguments: str) -> str:
        """A command on the control plane's machine."""
        addresses = {
            "PROPYLON_PUBLIC_PORT": str(self.first.public_port),
            "PROPYLON_MUTUAL_PORT": str(self.first.mutual_port),
            "PROPYLON_NODES_ADDRESS": self.first.nodes_address,
        }
        return propylon(self.first.home, *arguments, **addresses)

    def stop(self) -> None:
        for node in self.remote:
            node.stop()
        self.first.stop()


def propylon(home: Home, *arguments: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", *arguments],
        env={**_environment(home), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(home: Home) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PROPYLON_", "DATABASE"))}
    return {**inherited, "PROPYLON_HOME": str(home.root)}
