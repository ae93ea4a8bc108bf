"""testssl.sh, a judge of others, on both listeners of a running system: `make tls-report`."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

# docs/reference/tls.md gives the reason for each.
EXCEPTIONS = {"cert_revocation"}
GRAVE = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}
# Protocols, cipher lists, forward secrecy, server defaults and preferences, headers, vulnerabilities. Not the clients
# that it plays, which take minutes and judge nothing.
TESTS = ("--protocols", "--std", "--pfs", "--server-defaults", "--server-preference", "--headers", "--vulnerable")


@pytest.mark.slow
@pytest.mark.parametrize("listener", ["public", "mutual"])
def test_testssl_finds_nothing_of_severity_medium_or_worse(running_system, tmp_path, listener):
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    assert program, "Install testssl.sh: tests/install-debian testssl"
    report = tmp_path / "report.json"
    port = getattr(running_system, f"{listener}_port")
    ca = str(running_system.home.ca_file)
    command = [program, "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--add-ca", ca, *TESTS]
    done = subprocess.run(
        [*command, "--jsonfile", str(report), f"https://localhost:{port}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    print(done.stdout)
    found = {each["id"]: each for each in json.loads(report.read_text())}
    assert {"TLS1_2", "TLS1_3", "cert_chain_of_trust", "heartbleed", "ROBOT"} <= set(found), "it did not look"
    assert "passed" in found["cert_chain_of_trust"]["finding"]
    grave = {name: each for name, each in found.items() if each["severity"] in GRAVE}
    assert set(grave) <= EXCEPTIONS, {name: grave[name] for name in set(grave) - EXCEPTIONS}
