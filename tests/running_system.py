"""The real thing for tests: `propylon up` on a home of its own, with real processes, real Envoy and real TLS.

`running_system` is one system for the whole session; `start_system` starts more, each to the test's own liking.
A test that uses either is marked `system`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from propylon.cli.supervisor import children_of
from propylon.kernel.home import Home

READY_SECONDS = 60.0  # far more than the 8 s that are aimed at: this is no measurement
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class DemoUser:
    role: str
    email: str
    password: str


@dataclass(frozen=True)
class DemoApplication:
    """What an application does not have is null: a secret, a service account, a certificate."""

    name: str
    type: str
    client_id: str
    client_secret: str | None
    token_endpoint_auth_method: str
    redirect_uris: list[str]
    scopes: list[str]
    security_profile: str
    environment: str
    service_account: str | None
    certificate_file: str | None
    private_key_file: str | None


@dataclass(frozen=True)
class DemoIdentity:
    identity_number: str
    name: str
    password: str
    product: str


@dataclass(frozen=True)
class DemoProduct:
    name: str
    version: str
    environment: str
    base_path: str
    sample_get: str


@dataclass(frozen=True)
class Demo:
    """`demo.json`, exactly as ARCHITECTURE writes it: one member more or less is an error here."""

    issuer: str
    public_url: str
    mutual_url: str
    ca_file: str
    environments: dict[str, dict[str, str]]
    users: list[DemoUser]
    applications: list[DemoApplication]
    identities: list[DemoIdentity]
    products: list[DemoProduct]

    @classmethod
    def read(cls, file: Path) -> Demo:
        told: dict[str, Any] = json.loads(file.read_text())
        return cls(
            **{
                **told,
                "users": [DemoUser(**each) for each in told["users"]],
                "applications": [DemoApplication(**each) for each in told["applications"]],
                "identities": [DemoIdentity(**each) for each in told["identities"]],
                "products": [DemoProduct(**each) for each in told["products"]],
            }
        )

    def application(self, type_: str, profile: str = "") -> DemoApplication:
        """The first application of a type, and of a security profile if one is named."""
        return next(each for each in self.applications if each.type == type_ and profile in {"", each.security_profile})

    def user(self, role: str) -> DemoUser:
        return next(each for each in self.users if each.role == role)


@dataclass
class RunningSystem:
    """One `propylon up` and what a test may ask of it."""

    home: Home
    public_port: int
    mutual_port: int
    output: Path
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str] = field(repr=False)

    @property
    def public_url(self) -> str:
        return f"https://localhost:{self.public_port}"

    @property
    def mutual_url(self) -> str:
        return f"https://localhost:{self.mutual_port}"

    @property
    def ca_file(self) -> Path:
        return self.home.ca_file

    @property
    def demo(self) -> Demo:
        return Demo.read(self.home.demo_file)

    def tls(self, application: DemoApplication | None = None) -> ssl.SSLContext:
        """Trusts the system's CA; presents the application's certificate."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        if application is not None:
            assert application.certificate_file, f"{application.name} has no certificate"
            context.load_cert_chain(application.certificate_file, application.private_key_file)
        return context

    def client(self, application: DemoApplication | None = None, *, mutual: bool | None = None) -> httpx.Client:
        """Of the mutual listener if a certificate is given, of the public one if not, unless said otherwise."""
        is_mutual = application is not None if mutual is None else mutual
        return httpx.Client(
            base_url=self.mutual_url if is_mutual else self.public_url,
            verify=self.tls(application),
            timeout=10.0,
            trust_env=False,
        )

    def service_token(self, application: DemoApplication, scope: str = "") -> str:
        """A client-credentials token of a `tls_client_auth` application."""
        with self.client(application) as client:
            form = {"grant_type": "client_credentials", "client_id": application.client_id}
            answer = client.post("/oauth/token", data={**form, "scope": scope or " ".join(application.scopes)})
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        token: str = answer.json()["access_token"]
        return token

    def pids(self) -> dict[str, int]:
        """Process ids by name: up, gateway, web, sandbox, worker, its child ingestion, envoy."""
        found: dict[str, int] = json.loads((self.home.run / "processes.json").read_text())
        with contextlib.suppress(OSError, ValueError, IndexError):
            found["envoy"] = int((self.home.run / "envoy.pid").read_text().split()[0])
        if "worker" in found and (below := children_of(found["worker"])):
            found["ingestion"] = below[0]
        return found

    def is_ready(self) -> bool:
        try:
            with self.client() as client:
                return client.get("/health/ready").status_code == 200
        except (httpx.HTTPError, OSError):
            return False

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, READY_SECONDS, self.logs, every=0.1)
        assert self.process.poll() is None, f"propylon up ended with {self.process.returncode}\n{self.logs()}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal `propylon up`, and wait for its end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def logs(self, lines: int = 25) -> str:
        """The last lines of everything that was written."""
        files = [self.output, *sorted(self.home.logs.glob("*.log"))]
        tails = [f"── {file.name}\n" + "\n".join(_read(file).splitlines()[-lines:]) for file in files]
        return "\n".join(tails)


def _read(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def wait_until(
    condition: Callable[[], bool], seconds: float, tell: Callable[[], str] = lambda: "", *, every: float = 0.02
) -> None:
    """Poll until the condition holds; fail with what `tell` says when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s\n{tell()}"
        time.sleep(every)


def free_port() -> int:
    """A port of loopback that nobody listens on, outside the range that outgoing connections take theirs from."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person's shell: nothing of the test run's own settings."""
    foreign = ("PROPYLON_", "DATABASE_URL", "DJANGO_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "PROPYLON_HOME": str(home), **more}


def launch(home: Path, *options: str, ports: tuple[int, int] | None = None, **settings: str) -> RunningSystem:
    """`propylon up` in the background; does not wait for anything."""
    public, mutual = ports or (free_port(), free_port())
    environment = clean_environment(
        home, PROPYLON_PUBLIC_PORT=str(public), PROPYLON_MUTUAL_PORT=str(mutual), **settings
    )
    output = home.with_name(home.name + ".up.log")
    with output.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "propylon.cli.main", "up", *options],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=environment,
        )
    return RunningSystem(Home(home.resolve()), public, mutual, output, process, environment)


@pytest.fixture(scope="session")
def running_system() -> Iterator[RunningSystem]:
    """One seeded system for all tests that leave it as they found it."""
    folder = Path(tempfile.mkdtemp(prefix="propylon-system-"))
    system = launch(folder / "home")
    try:
        system.wait_until_ready()
        yield system
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


FOLDERS = ("browser", "journeys", "clients")  # the Makefile's WITH_A_SYSTEM


@pytest.fixture
def start_system(tmp_path: Path) -> Iterator[Callable[..., RunningSystem]]:
    """Starts systems of the test's own; whatever still runs at its end is stopped."""
    started: list[RunningSystem] = []

    def start(*options: str, home: Path | None = None, **settings: Any) -> RunningSystem:
        system = launch(home or tmp_path / "home", *options, **settings)
        started.append(system)
        return system

    yield start
    for system in started:
        system.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"running_system", "start_system"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("system")
            if item.path.parent.name not in FOLDERS and not item.get_closest_marker("slow"):
                raise pytest.UsageError(f"{item.path}: `make test` looks for such tests in {', '.join(FOLDERS)} only")
    # So that no core is idle while the last file ends: those first that wait for systems of their own, then a folder's
    # largest before its small ones.
    waiting = {item.path for item in items if "start_system" in getattr(item, "fixturenames", ())}
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in waiting, item.path.parent, -sizes[item.path], item.path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A failed test shows the end of the running system's logs."""
    report = yield
    system = getattr(item, "funcargs", {}).get("running_system")
    if report.failed and isinstance(system, RunningSystem):
        report.sections.append(("logs of the running system", system.logs()))
    return report
