"""The `propylon` command."""

from __future__ import annotations

import sys

import click

from propylon.cli.lazy_commands import LazyCommands
from propylon.cli.options import home_option
from propylon.kernel.errors import PropylonError

# name → (module, attribute, what `propylon --help` says)
COMMANDS = {
    "up": ("propylon.cli.up", "up", "Start everything on this machine and watch it."),
    "demo": ("propylon.cli.demo.command", "demo", "Walk a partner's whole journey against the running system."),
    "catalog": ("propylon.cli.catalog", "catalog", "Import and publish API products."),
    "cert": (
        "propylon.cli.cert.command",
        "cert",
        "Certificates and keys: read, take apart, convert, check, try a connection.",
    ),
    "user": ("propylon.cli.user", "user", "Add a user, for example the first operator of an empty installation."),
    "status": ("propylon.cli.status", "status", "Show which processes run and whether all of it serves."),
    "node": ("propylon.cli.node", "node", "Gateway nodes on other machines: add, join, list, remove."),
    "web": ("propylon.cli.processes", "web", "Run the web process alone."),
    "worker": ("propylon.cli.processes", "worker", "Run the worker (control plane, periodic tasks) alone."),
    "gateway": ("propylon.cli.processes", "gateway", "Run a gateway node (agent and Envoy) alone."),
    "sandbox": ("propylon.cli.processes", "sandbox", "Run the sandbox bank alone."),
    "initialise": ("propylon.cli.initialise", "initialise", "Make the home ready without starting anything."),
    "version": ("propylon.cli.version", "version", "Show the versions of Propylon and Envoy."),
}


@click.command(cls=LazyCommands, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@home_option
def propylon() -> None:
    """An API program in a box: portal, authorization server, two-way-TLS gateway, certificates, sandbox bank."""


def main() -> None:
    """Entry point. An error that the house knows is one sentence and exit code 1, never a traceback."""
    try:
        propylon(prog_name="propylon")
    except PropylonError as error:
        click.echo(f"propylon: {error.message} [{error.code}]", err=True)
        for mistake in error.errors:
            click.echo(f"  {mistake.location} {mistake.field}: {mistake.reason}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
