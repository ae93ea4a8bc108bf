"""`propylon demo`: the whole partner journey, and its exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from running_system import RunningSystem, clean_environment, free_port


def demo(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_step_does_what_it_says(running_system: RunningSystem) -> None:
    told = demo(dict(running_system.environment))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "✗" not in told.stdout
    assert "steps did what they say" in told.stdout
    assert "RequestTrackingId" in told.stdout
    # What it prints ends in logs: no token, no key, no password.
    assert "eyJ" not in told.stdout
    assert "PRIVATE KEY" not in told.stdout
    assert not any(user.password in told.stdout for user in running_system.demo.users)


def test_without_an_installation_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    told = demo(clean_environment(tmp_path / "home"))
    assert told.returncode == 1
    assert "propylon up" in told.stderr
    assert "Traceback" not in told.stderr + told.stdout


@pytest.mark.parametrize("is_empty", [False, True])
def test_when_nothing_runs_one_sentence_says_what_to_do(
    running_system: RunningSystem, tmp_path: Path, *, is_empty: bool
) -> None:
    """demo.json of an installation that has been stopped; and one that is no JSON."""
    home = tmp_path / "home"
    home.mkdir()
    text = running_system.home.demo_file.read_text().replace(str(running_system.public_port), str(free_port()))
    (home / "demo.json").write_text("" if is_empty else text)
    told = demo(clean_environment(home))
    assert told.returncode == 1
    assert "propylon up" in told.stderr + told.stdout
    assert "Traceback" not in told.stderr + told.stdout
