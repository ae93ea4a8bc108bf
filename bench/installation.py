"""A real `propylon up` for the bench: on a home of its own, with free ports."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neighbours import free_port

HERE = Path(__file__).parent


@dataclass
class Installation:
    home: Path
    public_port: int
    mutual_port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    seconds_to_ready: float = 0.0

    @property
    def public_url(self) -> str:
        return f"https://localhost:{self.public_port}"

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.home / "ca" / "ca.crt"))

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.public_url}/health/ready", context=self.context, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError, ssl.SSLError):
            return False

    def wait_until_ready(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"propylon up is not ready; see {self.home}/logs")
            time.sleep(0.02)

    def fill(self, folder: Path, *, upstream_port: int, applications: int, tokens: int, marks: int) -> dict[str, Any]:
        """The workload, made by the program's own actions in a process of its own."""
        numbers = [str(upstream_port), str(folder), str(applications), str(tokens), str(marks)]
        subprocess.run([sys.executable, str(HERE / "workload.py"), *numbers], env=self.environment, check=True)
        facts: dict[str, Any] = json.loads((folder / "workload.json").read_text())
        return facts

    def status_of(self, path: str, token: str) -> int:
        request = urllib.request.Request(self.public_url + path, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@contextmanager
def installation(home: Path, *options: str) -> Iterator[Installation]:
    """`propylon up`, ready; stopped at the end."""
    public, mutual = free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROPYLON_", "DATABASE_URL"))}
    environment = kept | {
        "PROPYLON_HOME": str(home),
        "PROPYLON_PUBLIC_PORT": str(public),
        "PROPYLON_MUTUAL_PORT": str(mutual),
    }
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "propylon.cli.main", "up", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    found = Installation(home, public, mutual, process, environment)
    try:
        found.wait_until_ready()
        found.seconds_to_ready = time.monotonic() - began
        yield found
    finally:
        process.terminate()
        process.wait(timeout=40)
