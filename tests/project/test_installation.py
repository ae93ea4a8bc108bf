"""Making a home ready, and the demonstration with its contract `demo.json` (ARCHITECTURE)."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

PROGRAM = """
import json, sys
from propylon.kernel.errors import PropylonError
try:
    from propylon.project.installation import initialise
    from propylon.project.demonstration import seed_demonstration
    initialise()
    if "--empty" not in sys.argv:
        seed_demonstration()
except PropylonError as error:
    print(json.dumps({"code": error.code, "message": error.message, "detail": error.detail}))
    sys.exit(1)
"""


@dataclass(frozen=True)
class Outcome:
    code: int
    error: dict[str, str]


def start(home: Path, *arguments: str, **variables: str) -> Outcome:
    """What `propylon up` does before anything serves, in a process of its own."""
    environment = {**os.environ, "PROPYLON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "propylon.project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    told = json.loads(done.stdout) if done.stdout.strip() else {}
    assert done.returncode == 0 or told, done.stderr
    return Outcome(done.returncode, told)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("home")
    assert start(made).code == 0
    return made


@pytest.fixture(scope="module")
def demo(home: Path) -> dict[str, Any]:
    return json.loads((home / "demo.json").read_text())  # type: ignore[no-any-return]


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(home / "propylon.sqlite3") as connection:
        return connection.execute(query).fetchall()


def test_the_contract_has_exactly_its_members(demo: dict[str, Any]) -> None:
    members = {
        "users": {"role", "email", "password"},
        "applications": {
            "name",
            "type",
            "client_id",
            "client_secret",
            "token_endpoint_auth_method",
            "redirect_uris",
            "scopes",
            "security_profile",
            "environment",
            "service_account",
            "certificate_file",
            "private_key_file",
        },
        "identities": {"identity_number", "name", "password", "product"},
        "products": {"name", "version", "environment", "base_path", "sample_get"},
    }
    assert set(demo) == {"issuer", "public_url", "mutual_url", "ca_file", "environments", *members}
    for name, keys in members.items():
        assert {frozenset(each) for each in demo[name]} == {frozenset(keys)}
    assert demo["environments"]["sandbox"] == {
        "public_url": "https://localhost:8443/sandbox",
        "mutual_url": "https://localhost:8444/sandbox",
    }


def test_there_is_everybody_and_everything(demo: dict[str, Any]) -> None:
    assert {user["role"] for user in demo["users"]} == {
        "developer",
        "analyst",
        "product_manager",
        "organization_manager",
        "relationship_manager",
        "operator",
        "auditor",
    }
    assert len({user["password"] for user in demo["users"]}) == len(demo["users"])
    applications = demo["applications"]
    assert {each["type"] for each in applications} == {"server", "web", "internal", "spa", "native"}
    servers = [each for each in applications if each["type"] == "server" and each["environment"] == "sandbox"]
    assert [each["token_endpoint_auth_method"] for each in servers[:2]] == ["tls_client_auth"] * 2
    assert servers[0]["certificate_file"] != servers[1]["certificate_file"]
    (fapi,) = [each for each in applications if each["security_profile"] == "fapi2" and each["type"] == "web"]
    assert fapi["redirect_uris"]
    assert fapi["certificate_file"]
    for each in applications:
        assert each["scopes"]
        assert "openid" not in each["scopes"]
        assert bool(each["client_secret"]) == each["token_endpoint_auth_method"].startswith("client_secret")
        assert bool(each["certificate_file"]) == bool(each["service_account"])
    product = demo["products"][0]
    assert (product["base_path"], product["sample_get"]) == ("/accounts/v1", "/accounts/v1/accounts")


def test_certificates_are_what_they_say(home: Path, demo: dict[str, Any]) -> None:
    root = x509.load_pem_x509_certificate(Path(demo["ca_file"]).read_bytes())
    for each in demo["applications"]:
        if not each["certificate_file"]:
            continue
        certificate, key_file = Path(each["certificate_file"]), Path(each["private_key_file"])
        assert certificate.is_absolute()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        leaf, issuing = x509.load_pem_x509_certificates(certificate.read_bytes())[:2]
        leaf.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(root)
        assert leaf.subject.rfc4514_string().split(",")[0] == f"CN={each['service_account']}"
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        assert key.public_key() == leaf.public_key()


def test_secrets_are_closed_to_others(home: Path) -> None:
    for name in ("demo.json", "keys/sealing.key", "keys/django.key", "tls/server.key"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


def test_the_server_certificate_has_the_names_of_the_addresses(home: Path) -> None:
    leaf = x509.load_pem_x509_certificates((home / "tls" / "server.crt").read_bytes())[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert {str(each) for each in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}


def test_no_source_range_locks_loopback_out(home: Path) -> None:
    assert rows(home, "SELECT * FROM applications_sourcerange") == []


def test_a_second_start_keeps_everything(home: Path) -> None:
    files = {path: path.read_bytes() for path in home.rglob("*") if path.suffix in {".json", ".key", ".crt"}}
    events = rows(home, "SELECT count(*) FROM audit_event")
    assert start(home).code == 0
    assert {path: path.read_bytes() for path in files} == files
    assert rows(home, "SELECT count(*) FROM audit_event") == events


def test_an_interrupted_demonstration_is_finished(home: Path) -> None:
    """The same organizations and clients; new passwords, since the old ones were never told."""
    before = json.loads((home / "demo.json").read_text())
    (home / "demo.json").unlink()
    Path(before["applications"][0]["private_key_file"]).unlink()
    assert start(home).code == 0
    after = json.loads((home / "demo.json").read_text())
    assert [each["client_id"] for each in after["applications"]] == [
        each["client_id"] for each in before["applications"]
    ]
    assert Path(after["applications"][0]["private_key_file"]).exists()
    assert after["users"] != before["users"]


def test_a_database_of_a_newer_version_is_refused_untouched(home: Path) -> None:
    insert = "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0099_future', '2031-01-01')"
    with sqlite3.connect(home / "propylon.sqlite3") as connection:
        connection.execute(insert)
    try:
        outcome = start(home)
        assert (outcome.code, outcome.error["code"]) == (1, "installation.database.newer")
        assert outcome.error["detail"] == "accounts.0099_future"
    finally:
        with sqlite3.connect(home / "propylon.sqlite3") as connection:
            connection.execute("DELETE FROM django_migrations WHERE name = '0099_future'")


def test_a_lost_sealing_key_is_said_and_not_replaced(home: Path) -> None:
    key = home / "keys" / "sealing.key"
    kept = key.read_bytes()
    key.unlink()
    try:
        assert start(home).error["code"] == "installation.sealing_key.lost"
        assert not key.exists()
    finally:
        key.write_bytes(kept)


def test_a_public_address_takes_no_demonstration(tmp_path: Path) -> None:
    outcome = start(tmp_path, PROPYLON_PUBLIC_URL="https://api.bank.example")
    assert (outcome.code, outcome.error["code"]) == (1, "demonstration.address.public")
    assert not (tmp_path / "demo.json").exists()
    assert rows(tmp_path, "SELECT * FROM accounts_organization") == []
    # The home is ready for its owner all the same, and its certificate names the address.
    assert start(tmp_path, "--empty", PROPYLON_PUBLIC_URL="https://api.bank.example").code == 0
    leaf = x509.load_pem_x509_certificates((tmp_path / "tls" / "server.crt").read_bytes())[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "api.bank.example" in names.get_values_for_type(x509.DNSName)
