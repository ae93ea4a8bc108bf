"""A gateway on another machine beside a whole system: enrolled by command, and an application that is deleted."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, bearer, partner
from propylon.cli.demo.http_session import ClientIdentity
from propylon.kernel.home import Home
from running_system import RunningSystem, clean_environment, free_port, wait_until

ADDRESS = "127.0.0.2"
ACCOUNTS = f"{SANDBOX}/accounts?limit=1"


def _propylon(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "propylon.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def _asked(system: RunningSystem, path: str, identity: ClientIdentity | None, **headers: str) -> httpx.Response:
    """The second gateway, under the name and the ports that both have."""
    context = ssl.create_default_context(cafile=str(system.ca_file))
    if identity is not None:
        context.load_cert_chain(identity.certificate_file, identity.private_key_file)
    port = system.public_port if identity is None else system.mutual_port
    with httpx.Client(verify=context, timeout=10, trust_env=False) as client:
        return client.get(
            f"https://{ADDRESS}:{port}{path}",
            headers={"Host": f"localhost:{port}", **headers},
            extensions={"sni_hostname": "localhost"},
        )


@pytest.mark.slow
def test_both_gateways_refuse_a_deleted_application_within_a_second(start_system: Any, tmp_path: Path) -> None:
    system: RunningSystem = start_system(PROPYLON_NODES_ADDRESS=f"127.0.0.1:{free_port()}")
    system.wait_until_ready()
    bundle, home = tmp_path / "node-2.bundle", Home(tmp_path / "second")
    here = {name: value for name, value in system.environment.items() if not name.startswith("PROPYLON_")}
    beside = {**here, "PROPYLON_HOME": str(system.home.root)}  # the running system tells where it is called
    told = _propylon(beside, "node", "add", "node-2", "--out", str(bundle), "--server-certificate")
    assert "out of the node's reach: the upstreams sandbox" in told.stderr
    there = clean_environment(home.root, PROPYLON_LISTEN_ADDRESS=ADDRESS)
    _propylon(there, "node", "join", str(bundle))
    bundle.unlink()
    with (tmp_path / "second.log").open("w") as log:
        gateway = subprocess.Popen(
            [sys.executable, "-m", "propylon.cli.main", "gateway"], env=there, stdout=log, stderr=log
        )
    try:
        wait_until(lambda: _is_there(system), 30, (tmp_path / "second.log").read_text)
        with (
            ManagementClient(system, "developer") as developer,
            ManagementClient(system, "operator") as operator,
            partner(system, developer, tmp_path) as server,
            server.mutual() as session,
        ):
            token = bearer(server.token())
            assert session.get(ACCOUNTS, **token).status == 200
            answer = _asked(system, ACCOUNTS, server.identity, **token)
            assert answer.status_code == 200, answer.text
            developer("DELETE", f"/applications/{server.application_id}", status=204)
            began = time.monotonic()
            wait_until(
                lambda: (
                    session.get(ACCOUNTS, **token).status == 401
                    and _asked(system, ACCOUNTS, server.identity, **token).status_code == 401
                ),
                1.0,
            )
            assert time.monotonic() - began < 1.0
            record = operator.record(answer.headers["requesttrackingid"])
            assert record["node"] == "node-2"
            elsewhere = _asked(system, "/health/ready", None)
            assert (elsewhere.status_code, elsewhere.json()["code"]) == (421, "gateway.site.elsewhere")
        status = subprocess.run(
            [sys.executable, "-m", "propylon.cli.main", "status"],
            env=there,
            capture_output=True,
            text=True,
            check=False,
        )
        assert status.returncode == 0, status.stdout + status.stderr
        assert "node-2" in status.stdout
        assert not home.database.exists()
    finally:
        gateway.terminate()
        gateway.wait(20)
        shutil.rmtree(home.root)


def _is_there(system: RunningSystem) -> bool:
    try:
        return _asked(system, ACCOUNTS, None).status_code == 401
    except httpx.HTTPError:
        return False
