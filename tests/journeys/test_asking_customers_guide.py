"""The samples of the guide "Asking customers on their own device" run as they are copied, and the customer says yes."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from clients.customer import approve_question
from clients.node_scripts import NODE
from journeys.management_client import ManagementClient
from running_system import RunningSystem

RUNNERS = {
    "bash": ["bash", "-e", "-o", "pipefail"],
    "python": [sys.executable],
    "javascript": [str(NODE), "--input-type=module"],
}


def sample(system: RunningSystem, language: str) -> str:
    with system.client() as client:
        page = client.get("/guides/asking-customers").text
    blocks = [
        html.unescape(re.sub(r"<[^>]+>", "", block))
        for block in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    ]
    return next(
        block
        for block in blocks
        if {"bash": "bc-authorize -d", "python": "import requests", "javascript": "fetch("}[language] in block
    )


@pytest.mark.slow  # each waits for its interval
@pytest.mark.parametrize("language", RUNNERS)
def test_the_samples_run_as_they_are_copied(running_system: RunningSystem, tmp_path: Path, language: str) -> None:
    application = running_system.demo.application("web")
    with ManagementClient(running_system) as operator:
        operator("PUT", f"/clients/{application.client_id}/asking-customers", {"is_allowed": True})
    (tmp_path / "ca.crt").write_bytes(running_system.ca_file.read_bytes())
    message = f"Guide {uuid.uuid4().hex[:8]}"
    told = {
        "PATH": os.environ["PATH"],
        "CLIENT_ID": application.client_id,
        "CLIENT_SECRET": application.client_secret or "",
        "IDENTITY": running_system.demo.identities[0].identity_number,
        "MESSAGE": message,
        "NODE_EXTRA_CA_CERTS": "ca.crt",
    }
    customer = threading.Thread(target=_approve, args=(running_system, message))
    customer.start()
    try:
        done = subprocess.run(
            RUNNERS[language],
            check=False,
            input=sample(running_system, language),
            cwd=tmp_path,
            env=told,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        customer.join(30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"(?m)^(HTTP/\S+ )?200", done.stdout), done.stdout
    assert '"data":[' in done.stdout


def _approve(system: RunningSystem, message: str) -> None:
    """As soon as the question is there."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            approve_question(system, message)
        except AssertionError:
            time.sleep(0.3)
        else:
            return
