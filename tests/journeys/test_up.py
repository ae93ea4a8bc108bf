"""`propylon up`: starts, keeps, restarts, stops, refuses. Real processes throughout."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from running_system import DemoApplication, RunningSystem, clean_environment, wait_until

ROLES = {
    "developer", "analyst", "product_manager", "organization_manager",
    "relationship_manager", "operator", "auditor",
}  # fmt: skip
PROCESSES = ("gateway", "web", "sandbox", "worker", "envoy")


def is_alive(pid: int) -> bool:
    """False also for a process that is dead and not yet buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ready_is_answered_through_the_gateway(running_system: RunningSystem) -> None:
    with running_system.client() as client:
        answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.headers["RequestTrackingId"]


def test_the_ca_is_served_to_who_has_none_yet(running_system: RunningSystem) -> None:
    insecure = httpx.Client(base_url=running_system.public_url, verify=False, trust_env=False)  # as a newcomer would
    with insecure as client:
        answer = client.get("/ca.crt")
    assert answer.status_code == 200
    assert answer.content.strip() == running_system.ca_file.read_bytes().strip()


class TestDemonstrationFile:
    """`demo.json` is what outsiders rely on; `Demo.read` refuses a member more or less."""

    def test_addresses(self, running_system: RunningSystem) -> None:
        demo = running_system.demo
        assert demo.issuer == demo.public_url == running_system.public_url
        assert demo.mutual_url == running_system.mutual_url
        assert Path(demo.ca_file) == running_system.ca_file
        assert "sandbox" in demo.environments
        for environment in demo.environments.values():
            assert environment["public_url"].startswith(demo.public_url)
            assert environment["mutual_url"].startswith(demo.mutual_url)

    def test_users_of_every_role(self, running_system: RunningSystem) -> None:
        assert {user.role for user in running_system.demo.users} == ROLES
        assert len({user.password for user in running_system.demo.users}) == len(running_system.demo.users)

    def test_an_application_of_every_type(self, running_system: RunningSystem) -> None:
        applications = running_system.demo.applications
        assert {each.type for each in applications} == {"server", "web", "internal", "spa", "native"}
        servers = [each for each in applications if each.type == "server"][:2]
        assert [each.token_endpoint_auth_method for each in servers] == ["tls_client_auth"] * 2
        assert servers[0].certificate_file != servers[1].certificate_file
        fapi = running_system.demo.application("web", "fapi2")
        assert fapi.redirect_uris
        assert fapi.certificate_file

    def test_files_open_and_keys_are_closed_to_others(self, running_system: RunningSystem) -> None:
        for each in running_system.demo.applications:
            if each.certificate_file:
                ssl.create_default_context().load_cert_chain(each.certificate_file, each.private_key_file)
                assert each.private_key_file
                assert Path(each.certificate_file).is_absolute()
                assert stat.S_IMODE(Path(each.private_key_file).stat().st_mode) == 0o600

    def test_the_first_product(self, running_system: RunningSystem) -> None:
        product = running_system.demo.products[0]
        assert (product.name, product.base_path) == ("accounts", "/accounts/v1")
        assert product.sample_get.startswith("/accounts/v1/")


def test_a_service_token_calls_the_first_product(running_system: RunningSystem) -> None:
    server = running_system.demo.application("server")
    assert call_sample(running_system, server).status_code == 200


def call_sample(system: RunningSystem, application: DemoApplication) -> httpx.Response:
    """A token, and one call with it."""
    token = system.service_token(application)
    base = urlsplit(system.demo.environments[application.environment]["mutual_url"]).path
    with system.client(application) as client:
        sample = system.demo.products[0].sample_get
        return client.get(base + sample, headers={"Authorization": f"Bearer {token}"})


def test_status_says_ready_and_names_the_processes(running_system: RunningSystem) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "status"],
        env=dict(running_system.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "ready" in answer.stdout
    assert all(name in answer.stdout for name in ("gateway", "web", "sandbox", "worker"))


def test_the_life_of_a_home(start_system: Callable[..., RunningSystem], tmp_path: Path) -> None:
    """Start, second `up` refused, each process killed and back, stopped without a trace, started again unchanged."""
    system = start_system()
    system.wait_until_ready()
    second_up_is_refused(system, start_system)
    for name in PROCESSES:
        killed_process_comes_back(system, name)

    pids = system.pids()
    assert system.stop(signal.SIGINT) == 0
    wait_until(lambda: not any(is_alive(pid) for pid in pids.values()), 10, lambda: str(pids))
    demo = system.home.demo_file.read_bytes()
    ca = system.ca_file.read_bytes()

    again = start_system(ports=(system.public_port, system.mutual_port))
    again.wait_until_ready()
    assert again.home.demo_file.read_bytes() == demo
    assert again.ca_file.read_bytes() == ca
    assert call_sample(again, again.demo.application("server")).status_code == 200

    supervisor_killed_leaves_nothing(again)


def second_up_is_refused(system: RunningSystem, start_system: Callable[..., RunningSystem]) -> None:
    second = start_system()
    assert second.process.wait(30) == 1
    assert "already runs" in second.output.read_text()
    assert system.is_ready()


def killed_process_comes_back(system: RunningSystem, name: str) -> None:
    pid = system.pids()[name]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid), 5)
    wait_until(lambda: system.pids().get(name, pid) != pid or survives(system, name), 20, system.logs)
    wait_until(system.is_ready, 20, system.logs)
    assert call_sample(system, system.demo.application("server")).status_code == 200


def survives(system: RunningSystem, name: str) -> bool:
    """Envoy's number is in a note that its next start writes anew."""
    return name == "envoy" and is_alive(system.pids().get("envoy", 0))


def supervisor_killed_leaves_nothing(system: RunningSystem) -> None:
    pids = system.pids()
    assert system.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not any(is_alive(pid) for pid in pids.values()), 20, lambda: living(pids))


def living(pids: dict[str, int]) -> str:
    return ", ".join(name for name, pid in pids.items() if is_alive(pid))


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    start_system: Callable[..., RunningSystem], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    make_home(home, start_system)
    with contextlib.closing(sqlite3.connect(home / "propylon.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_from_tomorrow', '2030-01-01')"
        )
    system = start_system()
    assert system.process.wait(60) == 1
    said = system.output.read_text()
    assert "newer" in said
    assert "Traceback" not in said


def make_home(home: Path, start_system: Callable[..., RunningSystem]) -> None:
    subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "initialise", "--empty"],
        env=clean_environment(home),
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_while_it_starts(start_system: Callable[..., RunningSystem], number: int) -> None:
    system = start_system("--empty")
    wait_until((system.home.run / "processes.json").exists, 20, system.logs)
    pids = system.pids()
    assert system.stop(number) == 0
    assert living(pids) == ""


def test_empty_seeds_nothing(start_system: Callable[..., RunningSystem]) -> None:
    system = start_system("--empty")
    system.wait_until_ready()
    assert not system.home.demo_file.exists()
