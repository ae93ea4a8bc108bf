"""What `propylon up` refuses before it starts anything: one sentence that says what to do, exit code 1."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from running_system import clean_environment, free_port


def refusal_of(home: Path, *options: str, **settings: str) -> str:
    """What `propylon up` says on standard error when it refuses."""
    ports = {"PROPYLON_PUBLIC_PORT": str(free_port()), "PROPYLON_MUTUAL_PORT": str(free_port())}
    answer = subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "up", *options],
        env=clean_environment(home, **{**ports, **settings}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == 1, answer.stderr
    return lines[0]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("setting", ["PROPYLON_PUBLIC_PORT", "PROPYLON_MUTUAL_PORT", "PROPYLON_NODES_ADDRESS"])
def test_a_port_in_use_names_the_port_and_the_setting(tmp_path: Path, taken_port: int, setting: str) -> None:
    value = f"127.0.0.1:{taken_port}" if setting.endswith("ADDRESS") else str(taken_port)
    said = refusal_of(tmp_path / "home", **{setting: value})
    assert str(taken_port) in said
    assert setting in said
    assert not (tmp_path / "home" / "propylon.sqlite3").exists()


def test_twice_the_same_port(tmp_path: Path) -> None:
    port = str(free_port())
    said = refusal_of(tmp_path / "home", PROPYLON_PUBLIC_PORT=port, PROPYLON_MUTUAL_PORT=port)
    assert "give two ports" in said


def test_an_address_for_nodes_is_host_and_port(tmp_path: Path) -> None:
    said = refusal_of(tmp_path / "home", PROPYLON_NODES_ADDRESS="8445")
    assert "PROPYLON_NODES_ADDRESS is '8445'" in said


def test_the_home_of_a_node_becomes_no_installation(tmp_path: Path) -> None:
    (tmp_path / "home" / "node").mkdir(parents=True)
    (tmp_path / "home" / "node" / "enrolment.json").write_text("{}")
    assert "propylon gateway" in refusal_of(tmp_path / "home")
    assert not (tmp_path / "home" / "keys").exists()


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder is needed")  # holds for root too
    said = refusal_of(tmp_path / "home")
    assert "not writable" in said
    assert "PROPYLON_HOME" in said
    assert (tmp_path / "home").read_text() == "a file where a folder is needed"


def test_a_missing_envoy(tmp_path: Path) -> None:
    said = refusal_of(tmp_path / "home", PROPYLON_ENVOY=str(tmp_path / "no-envoy"))
    assert "no-envoy" in said
    assert "make install" in said


def test_an_envoy_that_is_none(tmp_path: Path) -> None:
    false_envoy = tmp_path / "envoy"
    false_envoy.write_text("#!/bin/sh\necho not for this machine\nexit 3\n")
    false_envoy.chmod(0o755)
    assert "not for this machine" in refusal_of(tmp_path / "home", PROPYLON_ENVOY=str(false_envoy))


def test_a_setting_that_is_no_number(tmp_path: Path) -> None:
    assert "docs/reference/settings.md" in refusal_of(tmp_path / "home", PROPYLON_PUBLIC_PORT="https")


def test_a_public_url_without_tls(tmp_path: Path) -> None:
    assert "https://" in refusal_of(tmp_path / "home", PROPYLON_PUBLIC_URL="http://localhost:8443")
