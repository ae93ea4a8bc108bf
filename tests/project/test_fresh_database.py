"""An empty database gets its tables from the models at once; an older one is changed by migrations: to the same end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("described_tables.py")


def tables(home: Path, *arguments: str) -> dict[str, Any]:
    home.mkdir()
    environment = {**os.environ, "PROPYLON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "propylon.project.settings"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_ways_make_the_same_tables(tmp_path: Path) -> None:
    at_once, by_migrations = tables(tmp_path / "new"), tables(tmp_path / "old", "migrations")
    for alias, wanted in by_migrations.items():
        assert at_once[alias].keys() == wanted.keys()
        assert {name for name, table in wanted.items() if at_once[alias][name] != table} == set()


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    environment = {**os.environ, "PROPYLON_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "propylon.project.settings"}
    command = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
