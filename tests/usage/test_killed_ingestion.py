"""A process that takes call records in and is killed (-9) in the middle of it loses none, and counts none twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed_ingestion.py")


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_whenever_the_ingestion_is_killed_each_call_is_stored_once_and_counted_once(tmp_path: Path, kills: int) -> None:
    tests = str(SCRIPT.parent.parent)
    environment = {**os.environ, "PROPYLON_HOME": str(tmp_path), "PYTHONPATH": tests}
    command = [sys.executable, str(SCRIPT), str(kills)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    within, records, waiting, *counts = done.stdout.splitlines()
    assert int(within) > kills / 3  # most of the deaths were in the middle of a transaction
    sent = records.split()[0]
    assert records.split() == [sent] * 3
    assert waiting == "0"
    assert counts == [sent] * 15
