"""The README's commands do what it says, in the order in which a newcomer types them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from running_system import RunningSystem

README = Path(__file__).parents[2] / "README.md"


def test_the_first_five_minutes(running_system: RunningSystem) -> None:
    typed = "\n".join(re.findall(r"^```sh\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE))
    for written, here in (
        (".venv/bin/python", sys.executable),
        ("var/", f"{running_system.home.root}/"),
    ):
        assert written in typed
        typed = typed.replace(written, here)
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert '"id":"acc-' in answer.stdout.replace(" ", "")
    assert "gateway.token.binding" in answer.stdout
    assert "Ledger Sync" in answer.stdout or '"type":"server"' in answer.stdout.replace(" ", "")


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text())
    assert links
    assert [link for link in links if "://" not in link and not (README.parent / link).exists()] == []
