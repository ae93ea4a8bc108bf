"""`propylon cert inspect`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from propylon.cli.cert.inputs import files_argument, given_passwords, password_options, read


@click.command(short_help="Say what a file is, whose certificate, and what is wrong.")
@files_argument
@password_options
@click.option("--service-account", metavar="NAME", default="", help="Compare the common name with this.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def inspect(
    files: Sequence[Path],
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    service_account: str,
    *,
    as_json: bool,
) -> None:
    """Say what FILE is: .pfx, .p12, .p7b, .p7s, .cer, .crt, .pem, .key or .csr, PEM or DER, encrypted or not.

    Files that belong together, such as a certificate and its key, are named together. Ends with 1 when a file cannot be
    read or stays closed; what is wrong with a certificate that was read is told, and ends with 0.
    """
    from propylon.cli.cert.shown import tell_inspection
    from propylon.toolkit.inspection import inspect as look_at

    contents = read(files, given_passwords(passwords, password_names, password_files))
    found = look_at(contents, now=datetime.now(UTC), service_account=service_account)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2))
    else:
        tell_inspection(found)
    if not found.is_read:
        unread = [each for file in contents.files for each in file.findings if each.is_error]
        for each in unread or found.errors[:1]:
            click.echo(f"propylon: {each.sentence} {each.next_step} [{each.code}]", err=True)
        sys.exit(1)
