"""`propylon status`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from propylon.cli.configuration import configuration
from propylon.cli.installation import no_installation
from propylon.cli.node_status import show_node
from propylon.cli.options import home_option
from propylon.cli.readiness import ask_readiness


@click.command()
@home_option
def status() -> None:
    """Show which processes run and whether all of it serves. Exit code 0 only when it does."""
    found = configuration()
    if not found.home.root.exists():
        raise no_installation(found.home)
    if found.home.node_enrolment.exists():
        sys.exit(0 if show_node(found.home) else 1)
    click.echo(f"home       {found.home.root}")
    click.echo(f"public     {found.public_url}")
    click.echo(f"mutual     {found.mutual_url}")
    processes = _processes(found.home.run / "processes.json")
    for name, pid in processes.items():
        click.echo(f"{name:<10} process {pid}, {_memory(pid)}")
    answer = ask_readiness(found)
    click.echo("ready" if answer.is_ready else f"not ready: {answer.missing}")
    if not answer.is_ready and not processes:
        click.echo("Nothing runs in this home. Start it with: propylon up")
    sys.exit(0 if answer.is_ready else 1)


def _processes(file: Path) -> dict[str, int]:
    try:
        pids: dict[str, int] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return pids


def _memory(pid: int) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return "gone"
    resident = next((line for line in lines if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return f"{int(resident.split()[1]) // 1024} MB resident"
