"""AppAuth (npm), unchanged: a native application, RFC 8252. The same scenario runs in test_oracle.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from clients.node_scripts import drive
from clients.target import Scenario, Target, Wanted, ours
from running_system import RunningSystem, free_port

# AppAuth opens the customer's browser by this command; here it tells the test through AppAuth's own output.
_BROWSER = '#!/bin/sh\necho "AUTHORIZE $1" > "/proc/$PPID/fd/1"\n'


def loopback_with_pkce(target: Target) -> None:
    """Sections 7.3 and 8.1: the port is the application's choice, and the code needs its verifier."""
    port = free_port()

    def browse(url: str) -> str:
        callback = target.authorize(url)
        assert callback.startswith(f"http://127.0.0.1:{port}/callback?")
        assert httpx.get(callback, trust_env=False, timeout=15).status_code == 200
        return callback

    with tempfile.TemporaryDirectory() as folder:
        browser = Path(folder) / "xdg-open"
        browser.write_text(_BROWSER)
        browser.chmod(0o755)
        environment = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "NODE_EXTRA_CA_CERTS": target.ca_file,
            "NODE_OPTIONS": "--import ./appauth_resolution.mjs",
        }
        client = replace(target, redirect_uri=f"http://127.0.0.1:{port}/callback", authorize=browse)
        result = drive("appauth.mjs", client, environment=environment, port=port)
    assert result["challenged"]["code_challenge_method"] == "S256"
    assert result["status"] == 200, result
    assert len(result["body"]["data"]) > 0
    assert result["refreshed"]["accessToken"] != result["tokens"]["accessToken"]


SCENARIOS: Mapping[str, Scenario] = {"RFC 8252 7.3 with RFC 7636": (Wanted("native"), loopback_with_pkce)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_appauth_completes(running_system: RunningSystem, name: str) -> None:
    wanted, scenario = SCENARIOS[name]
    scenario(ours(running_system, wanted))
