"""Commands show the addresses of the system that runs in their home, without being told them again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from propylon.kernel.home import Home
from propylon.project.addresses import Addresses, addresses, tell
from running_system import clean_environment

OUTSIDE = "https://bank.example:9001", "https://bank.example:9002"
OWN = {"production": ["https://api.bank.example:9001", "https://api.bank.example:9002"]}
ELSEWHERE = Addresses("127.0.0.1", 9001, 9002, *OUTSIDE, *OUTSIDE, OWN)
SETTINGS = [f"PROPYLON_{name.upper()}" for name in asdict(ELSEWHERE)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "run").mkdir()
    return Home(tmp_path)


def test_the_running_systems_addresses_are_found(home: Home) -> None:
    with tell(home, ELSEWHERE):
        assert addresses(home) == ELSEWHERE
    assert addresses(home).public_url == "https://localhost:8443"
    assert not (home.run / "addresses.json").exists()


def test_one_address_in_the_environment_leaves_the_running_systems_aside(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROPYLON_PUBLIC_PORT", "9500")
    with tell(home, ELSEWHERE):
        found = addresses(home)
    assert (found.public_url, found.mutual_url) == ("https://localhost:9500", "https://localhost:8444")


@pytest.mark.parametrize("text", [json.dumps(asdict(ELSEWHERE)), "{", "[]", "{}"])
def test_a_file_that_a_killed_system_left_behind_is_not_believed(home: Home, text: str) -> None:
    (home.run / "addresses.json").write_text(text)
    assert addresses(home).public_port == 8443


def test_status_shows_them_and_a_home_that_is_none_is_named(home: Home) -> None:
    with tell(home, ELSEWHERE):
        told = status(home.root)
    assert "https://bank.example:9001" in told.stdout
    assert "Nothing runs in this home. Start it with: propylon up" in told.stdout
    nowhere = status(home.root / "nowhere")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (1, 1)
    assert "There is no installation in" in nowhere.stderr


def test_a_port_that_is_no_number_is_named(home: Home) -> None:
    told = status(home.root, PROPYLON_PUBLIC_PORT="abc")
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert "PROPYLON_PUBLIC_PORT is 'abc'; give the number of a port" in told.stderr


def status(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in clean_environment(home).items() if name not in SETTINGS}
    command = [sys.executable, "-m", "propylon.cli.main", "status"]
    return subprocess.run(command, env={**environment, **settings}, capture_output=True, text=True, check=False)
