"""`propylon version`."""

from __future__ import annotations

import subprocess
from importlib.metadata import version as distribution_version

import click

from propylon.cli.preflight import envoy_binary


@click.command()
def version() -> None:
    """Show the versions of Propylon and Envoy."""
    click.echo(f"propylon {distribution_version('propylon')}")
    answer = subprocess.run([envoy_binary(), "--version"], capture_output=True, text=True, check=False)
    words = answer.stdout.split("version:")
    click.echo(f"envoy {words[-1].strip().split('/')[1] if len(words) > 1 else 'not runnable'}")
