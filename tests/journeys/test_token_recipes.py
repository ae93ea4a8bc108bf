"""The commands of "Step 1: token" run as they are copied, for every type of application (FEATURES D1, P10)."""

from __future__ import annotations

import html
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from clients.customer import log_in_and_allow
from propylon.kernel.certificate_files import CERTIFICATE_FILE, KEY_FILE
from running_system import DemoApplication, RunningSystem

PAGE = "/products/accounts/v1/token"
PLACEHOLDER_URI = re.compile(r"REDIRECT_URI=\S+")


def commands(system: RunningSystem, path: str, tab: str) -> list[str]:
    """The blocks of code in one tab of a page, as the copy button gives them."""
    with system.client() as client:
        page = client.get(path).text
    section = page.split(f'data-tab="{tab}"', 1)[1].split("data-tab=", 1)[0]
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", section, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", block)) for block in blocks]


def folder_of(application: DemoApplication, folder: Path) -> Path:
    """What the reader has beside them: the application's certificate and key."""
    for name, source in ((CERTIFICATE_FILE, application.certificate_file), (KEY_FILE, application.private_key_file)):
        if source:
            (folder / name).write_text(Path(source).read_text())
    return folder


def run(system: RunningSystem, application: DemoApplication, blocks: list[str], folder: Path) -> str:
    """All blocks in one shell. Where they wait for a secret or a code, the reader gives it."""
    script = "set -eo pipefail\n" + "\n".join(blocks)
    script = script.replace("CLIENT_ID=your-client-id", f"CLIENT_ID={application.client_id}")
    if application.redirect_uris:
        script = PLACEHOLDER_URI.sub(f"REDIRECT_URI={application.redirect_uris[0]}", script)
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder_of(application, folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    if "CLIENT_SECRET" in script:
        shell.stdin.write(f"{application.client_secret}\n")
        shell.stdin.flush()
    if "read -r -p 'Code: '" in script:
        address = next(line for line in shell.stdout if line.startswith("https://") and "/oauth/authorize" in line)
        back = log_in_and_allow(system, address.strip())
        shell.stdin.write(parse_qs(urlsplit(back).query)["code"][0] + "\n")
        shell.stdin.flush()
    told, wrong = shell.communicate(timeout=60)
    assert shell.returncode == 0, f"{told}\n{wrong}"
    return told


@pytest.mark.parametrize(
    ("tab", "type_", "profile"),
    [
        ("Server to server", "server", "standard"),
        ("Web, with a secret", "web", "standard"),
        ("Web, FAPI 2.0", "web", "fapi2"),
        ("Single-page, mobile, desktop", "spa", "standard"),
    ],
)
def test_the_commands_run_as_they_are_copied(
    running_system: RunningSystem, tmp_path: Path, tab: str, type_: str, profile: str
) -> None:
    application = running_system.demo.application(type_, profile)
    told = run(running_system, application, commands(running_system, PAGE, tab), tmp_path)
    assert re.search(r"^HTTP/\S+ 200", told, re.MULTILINE), told
    assert '"data":[' in told


def test_getting_started_has_the_same_commands_and_trust_works(running_system: RunningSystem, tmp_path: Path) -> None:
    here = commands(running_system, "/getting-started", "Server to server")
    assert here[:3] == commands(running_system, PAGE, "Server to server")[:3]
    with running_system.client() as client:
        page = client.get("/getting-started").text
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    trust = [html.unescape(re.sub(r"<[^>]+>", "", block)) for block in blocks[:2]]
    assert "ca.crt" in trust[0]
    command = ["bash", "-ec", "\n".join(trust)]
    done = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert "fingerprint=" in done.stdout.lower()


def test_the_guides_own_token_command_runs(running_system: RunningSystem, tmp_path: Path) -> None:
    """The guide "Tokens, step by step": trust, token, call."""
    with running_system.client() as client:
        page = client.get("/guides/tokens").text
    found = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    blocks = [html.unescape(re.sub(r"<[^>]+>", "", block)) for block in found[:3]]
    application = running_system.demo.application("server")
    told = run(running_system, application, [f"CLIENT_ID={application.client_id}", *blocks], tmp_path)
    assert re.search(r"^HTTP/\S+ 200", told, re.MULTILINE), told
