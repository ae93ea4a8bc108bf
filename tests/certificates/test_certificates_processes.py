"""Signing that is killed anywhere, and a link that several use at once: real processes, one database file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from propylon.sealing.seal import make_sealing_key


def run(folder: Path, what: str) -> Any:
    make_sealing_key(folder / "keys" / "sealing.key")
    environment = {**os.environ, "PROPYLON_HOME": str(folder)}
    program = [sys.executable, str(Path(__file__).with_name("own_home.py")), what]
    result = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


def test_killed_at_any_statement_an_order_ends_in_exactly_one_certificate_and_one_mail(tmp_path: Path) -> None:
    lines = run(tmp_path, "crashes")
    assert len(lines) > 10
    assert {line["left"] for line in lines} == {"approved", "signing", "issued"}
    assert [line["killed"] for line in lines] == [True] * (len(lines) - 1) + [False]
    for line in lines:
        assert line["status"] == "issued"
        assert len(line["serials"]) == line["mails"] == line["links"] == 1, line
        if line["left"] != "approved":
            assert line["serials"] == [line["serial_before"]]


def test_of_several_who_use_a_link_at_once_one_gets_the_bundle(tmp_path: Path) -> None:
    results = sorted(run(tmp_path, "race"))
    assert results[1:] == ["certificate.link.used"] * (len(results) - 1)
    assert results[0].endswith(" bytes")
