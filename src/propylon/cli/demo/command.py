"""`propylon demo`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from propylon.cli.demo.customer_steps import customer_flow
from propylon.cli.demo.narrator import Narrator, StepFailedError
from propylon.cli.demo.partner_steps import add_application, get_certificate, get_token, page_through, sign_up
from propylon.cli.demo.refusal_steps import (
    deleted_application,
    find_again,
    foreign_address,
    missing_scope,
    narrowed_ranges,
    other_certificate,
)
from propylon.cli.demo.stage import Stage, read_demo_file
from propylon.cli.options import home_option

# The journey, in its order. Each step stands on those before it.
JOURNEY = (
    sign_up,
    add_application,
    get_certificate,
    get_token,
    page_through,
    other_certificate,
    missing_scope,
    foreign_address,
    narrowed_ranges,
    deleted_application,
    find_again,
    customer_flow,
)


@click.command()
@home_option
def demo() -> None:
    """The partner's whole journey against the running system, over HTTP only, told step by step.

    Exit code 0 only if every step did what it says.
    """
    from propylon.cli.configuration import configuration

    console = Console()
    narrator = Narrator(console)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="propylon-demo-") as folder:
        found = configuration()
        told = {**read_demo_file(found.home.demo_file), "public_url": found.public_url, "mutual_url": found.mutual_url}
        stage = Stage(narrator, told, Path(folder))
        try:
            for step in JOURNEY:
                step(stage)
        except StepFailedError:
            pass
        except (OSError, LookupError, ValueError) as error:
            narrator.failed.append(str(error))
            console.print(f"   ✗ {type(error).__name__}: {error}", style="red", highlight=False, markup=False)
            if isinstance(error, ConnectionRefusedError):
                console.print("   Nothing answers there. Start the program first: propylon up", highlight=False)
    console.print()
    if narrator.failed:
        console.print(
            f"[red]The journey ended at step {narrator.done + 1}.[/red] {narrator.done} steps did what they say."
        )
        sys.exit(1)
    seconds = time.monotonic() - began
    console.print(f"[green]All {narrator.done} steps did what they say[/green], in {seconds:.1f} s.")
