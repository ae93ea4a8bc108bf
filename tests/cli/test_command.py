"""The command itself: quick to answer, complete in its help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from propylon.cli.main import COMMANDS

HEAVY = ("django", "ninja", "granian", "uvloop", "rich", "cryptography", "starlette", "asyncio")


def test_help_imports_nothing_heavy() -> None:
    """`propylon --help` in 0.3 s: imports are what would cost it."""
    code = (
        "import sys\nfrom propylon.cli.main import propylon\n"
        "try: propylon(['--help'], prog_name='propylon')\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [module for module in HEAVY if module in answer.stderr.split()] == []
    assert all(name in answer.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "propylon.cli.main", name, "--help"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert "Usage: propylon" in answer.stdout
