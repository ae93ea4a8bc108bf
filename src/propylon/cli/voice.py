"""How `propylon up` speaks: to a person, to a log, or as one JSON object per line."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click


class Voice:
    """Says each event once, as a sentence or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def say(self, event: str, sentence: str, **facts: Any) -> None:
        if self.as_json:
            click.echo(json.dumps({"event": event, "message": sentence, **facts}))
        else:
            click.echo(sentence)
        sys.stdout.flush()

    def summary(self, facts: Mapping[str, Any], users: list[Mapping[str, str]]) -> None:
        """The last thing said at a start: addresses, users, where things lie."""
        if self.as_json:
            self.say("ready", "ready", **facts)
        else:
            _print_summary(facts, users)
        sys.stdout.flush()


def _print_summary(facts: Mapping[str, Any], users: list[Mapping[str, str]]) -> None:
    click.echo(f"\nReady after {facts['seconds']:.1f} s.\n")
    rows = [
        ("Portal", facts["public_url"]),
        ("Console", f"{facts['public_url']}/console"),
        ("Management API", f"{facts['public_url']}/manage/v1  (its document: /manage/v1/openapi.json)"),
        ("Authorization server", f"{facts['public_url']}/.well-known/oauth-authorization-server"),
        ("Two-way TLS", facts["mutual_url"]),
        ("Trust this CA", f"{facts['ca_file']}  (also {facts['public_url']}/ca.crt)"),
        ("", f"curl --cacert {facts['ca_file']} {facts['public_url']}/health/ready"),
        ("Home", facts["home"]),
        ("Logs", facts["logs"]),
        ("Mails", facts["outbox"]),
    ]
    if users:
        rows.append(("Demonstration", facts["demo_file"]))
    for name, value in rows:
        click.echo(f"  {name:<22}{value}")
    if users:
        _print_users(users)
    click.echo("\nTry `propylon demo` in another terminal. Ctrl-C stops everything.")


def _print_users(users: list[Mapping[str, str]]) -> None:
    if not sys.stdout.isatty():
        click.echo("\n  Demonstration users")
        for user in users:
            click.echo(f"    {user['role']:<22}{user['email']:<42}{user['password']}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Demonstration users", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("role", "email", "password"):
        table.add_column(heading, no_wrap=True)
    for user in users:
        table.add_row(user["role"], user["email"], user["password"])
    Console().print("", table)
