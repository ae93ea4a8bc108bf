"""`propylon catalog` on a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PROPYLON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "propylon.project.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=home.parent)


def catalog(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(home, "-m", "propylon.cli.main", "catalog", *arguments)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog") / "home"
    folder.mkdir()
    seeded = run(folder, "-c", SEED)
    assert seeded.returncode == 0, seeded.stderr
    return folder


def test_a_document_is_imported_published_and_listed(home: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    for _ in range(2):  # the second time changes nothing
        answer = catalog(home, "import", str(document), "--name", "ledger", "--title", "Ledger")
        assert answer.returncode == 0, answer.stderr
        assert "Product ledger v1: Ledger, 3 operations" in answer.stdout
        assert "https://localhost:8443/sandbox/ledger/v1" in answer.stdout
    assert (home / "sandbox/mocks/ledger/v1.json").exists()
    listed = catalog(home, "list").stdout
    assert "ledger: Ledger" in listed
    assert "v1: 3 operations" in listed


def test_every_mistake_is_printed_and_nothing_is_stored(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("openapi: 3.0.3\ninfo: {title: Bad}\npaths: {bad: {get: {}}}\n")
    answer = catalog(home, "import", str(file))
    assert answer.returncode == 1
    for place in ("#/info/version:", "#/paths/bad:", "#/paths/bad/get/responses:"):
        assert place in answer.stderr
    file.write_text("openapi: [3.0.3\ninfo: {}\n")
    assert "line 2, column 5: no YAML" in catalog(home, "import", str(file)).stderr
    file.write_bytes(b"a: 1\nb: \xff\n")
    assert "line 2: this is no text in UTF-8" in catalog(home, "import", str(file)).stderr
    assert "Bad" not in catalog(home, "list").stdout


def test_an_unknown_environment_stops_before_anything_is_stored(home: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    answer = catalog(home, "import", str(document), "--name", "lost", "--environment", "moon")
    assert answer.returncode == 1
    assert "catalog.environment.unknown" in answer.stderr
    assert "lost" not in catalog(home, "list").stdout


def test_without_an_installation_it_says_what_to_do(tmp_path: Path) -> None:
    answer = catalog(tmp_path / "nowhere", "list")
    assert answer.returncode == 1
    assert "propylon up" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_two_versions_are_compared(home: Path, tmp_path: Path) -> None:
    document = CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml"
    assert catalog(home, "import", str(document), "--name", "compared").returncode == 0
    same = catalog(home, "diff", "compared/v1", str(document))
    assert (same.returncode, same.stdout) == (0, "Changes: 0, of 0 operations. 0 of them can break a program.\n")
    narrower = tmp_path / "narrower.yaml"
    narrower.write_text(document.read_text().replace("/accounts/{id}/transactions:", "/accounts/{id}/postings:"))
    broken = catalog(home, "diff", "compared/v1", str(narrower))
    assert broken.returncode == 1
    assert "BREAKS GET /accounts/{id}/transactions: The operation is gone." in broken.stdout
    assert "GET /accounts/{id}/postings: The operation is new." in broken.stdout
    unknown = catalog(home, "diff", "compared/v9", str(document))
    assert unknown.returncode == 2
    assert "neither a file nor a version" in unknown.stderr


def test_a_dry_run_tells_what_is_unusual_and_stores_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    text = '{"swagger": "2.0", "info": {"title": "Old", "version": "3.1"}, "basePath": "/old/v3", "paths": '
    text += '{"/things": {"get": {"responses": {"200": {"description": "all"}}}}}}'
    file.write_bytes(text.encode("utf-16"))
    answer = catalog(home, "import", str(file), "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert "Note: #/swagger: Swagger 2.0 is kept and shown as OpenAPI 3.0" in answer.stdout
    assert "give /old/v3 as the path there" in answer.stdout
    assert "Would be: product old v3 at /old/v3, 1 operations" in answer.stdout
    assert "old:" not in catalog(home, "list").stdout
