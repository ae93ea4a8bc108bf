"""`propylon catalog` on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SEED = """
import django; django.setup()
from propylon.project.migrations_runner import bring_databases_up_to_date
bring_databases_up_to_date()
from propylon.catalog import actions
from propylon.kernel.actor import SYSTEM
actions.create_environment(acting_user=SYSTEM, name="sandbox", title="Sandbox")
actions.create_upstream(acting_user=SYSTEM, name="sandbox", address="unix:/run/sandbox.sock")
"""
# Commands one after another in one process: most of a command is the start of its own.
SEVERAL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from propylon.cli.main import main
answers = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["propylon", "catalog", *arguments]
    code, out, err = 0, io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    answers.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(answers))
"""


class Answer(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PROPYLON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "propylon.project.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=home.parent)


def catalog(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(home, "-m", "propylon.cli.main", "catalog", *arguments)


def several(home: Path, *commands: tuple[str, ...]) -> list[Answer]:
    done = run(home, "-c", SEVERAL, json.dumps(commands))
    assert done.returncode == 0, done.stderr
    return [Answer(*each) for each in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog") / "home"
    folder.mkdir()
    seeded = run(folder, "-c", SEED)
    assert seeded.returncode == 0, seeded.stderr
    return folder


def test_a_document_is_imported_published_and_listed(home: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    importing = ("import", str(document), "--name", "ledger", "--title", "Ledger")
    first = catalog(home, *importing)
    again, listed = several(home, importing, ("list",))
    for answer in (first, again):  # the second time changes nothing
        assert answer.returncode == 0, answer.stderr
        assert "Product ledger v1: Ledger, 3 operations" in answer.stdout
        assert "https://localhost:8443/sandbox/ledger/v1" in answer.stdout
    assert (home / "sandbox/mocks/ledger/v1.json").exists()
    assert "ledger: Ledger" in listed.stdout
    assert "v1: 3 operations" in listed.stdout


def test_every_mistake_is_printed_and_nothing_is_stored(home: Path, tmp_path: Path) -> None:
    mistaken, broken, foreign = (tmp_path / f"{name}.yaml" for name in ("mistaken", "broken", "foreign"))
    mistaken.write_text("openapi: 3.0.3\ninfo: {title: Bad}\npaths: {bad: {get: {}}}\n")
    broken.write_text("openapi: [3.0.3\ninfo: {}\n")
    foreign.write_bytes(b"a: 1\nb: \xff\n")
    files = (mistaken, broken, foreign)
    first, second, third, listed = several(home, *(("import", str(file)) for file in files), ("list",))
    assert first.returncode == 1
    for place in ("#/info/version:", "#/paths/bad:", "#/paths/bad/get/responses:"):
        assert place in first.stderr
    assert "line 2, column 5: no YAML" in second.stderr
    assert "line 2: this is no text in UTF-8" in third.stderr
    assert listed.returncode == 0
    assert "Bad" not in listed.stdout


def test_an_unknown_environment_stops_before_anything_is_stored(home: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    wrong = ("import", str(document), "--name", "lost", "--environment", "moon")
    answer, listed = several(home, wrong, ("list",))
    assert answer.returncode == 1
    assert "catalog.environment.unknown" in answer.stderr
    assert listed.returncode == 0
    assert "lost" not in listed.stdout


def test_without_an_installation_it_says_what_to_do(tmp_path: Path) -> None:
    answer = catalog(tmp_path / "nowhere", "list")
    assert answer.returncode == 1
    assert "propylon up" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_two_versions_are_compared(home: Path, tmp_path: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    narrower = tmp_path / "narrower.yaml"
    narrower.write_text(document.read_text().replace("/accounts/{id}/transactions:", "/accounts/{id}/postings:"))
    imported, same, broken, unknown = several(
        home,
        ("import", str(document), "--name", "compared"),
        ("diff", "compared/v1", str(document)),
        ("diff", "compared/v1", str(narrower)),
        ("diff", "compared/v9", str(document)),
    )
    assert imported.returncode == 0, imported.stderr
    assert same[:2] == (0, "Changes: 0, of 0 operations. 0 of them can break a program.\n")
    assert broken.returncode == 1
    assert "BREAKS GET /accounts/{id}/transactions: The operation is gone." in broken.stdout
    assert "GET /accounts/{id}/postings: The operation is new." in broken.stdout
    assert unknown.returncode == 2
    assert "neither a file nor a version" in unknown.stderr


def test_a_dry_run_tells_what_is_unusual_and_stores_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    text = '{"swagger": "2.0", "info": {"title": "Old", "version": "3.1"}, "basePath": "/old/v3", "paths": '
    text += '{"/things": {"get": {"responses": {"200": {"description": "all"}}}}}}'
    file.write_bytes(text.encode("utf-16"))
    answer, listed = several(home, ("import", str(file), "--dry-run"), ("list",))
    assert answer.returncode == 0, answer.stderr
    assert "Note: #/swagger: Swagger 2.0 is kept and shown as OpenAPI 3.0" in answer.stdout
    assert "give /old/v3 as the path there" in answer.stdout
    assert "Would be: product old v3 at /old/v3, 1 operations" in answer.stdout
    assert listed.returncode == 0
    assert "old:" not in listed.stdout
