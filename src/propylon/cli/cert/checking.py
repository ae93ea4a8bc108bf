"""`propylon cert check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from propylon.cli.cert.inputs import files_argument, given_passwords, password_options, read

if TYPE_CHECKING:
    from propylon.toolkit.inspection import Authorities


@click.command(short_help="Do key, certificate, chain and service account fit?")
@files_argument
@password_options
@click.option("--service-account", metavar="NAME", default="", help="The name that the certificate must carry (CN).")
@click.option(
    "--ca",
    "ca_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The authorities that the server trusts.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def check(
    files: Sequence[Path],
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    service_account: str,
    ca_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Check what is about to be used: certificate and key in FILE, or in several named together.

    Looks at whether the key belongs to the certificate, at the chain, the common name, the end, the strength and the
    usages. Ends with 1 when something would be refused.
    """
    from propylon.cli.cert.shown import tell_inspection
    from propylon.toolkit.inspection import inspect

    contents = read(files, given_passwords(passwords, password_names, password_files))
    found = inspect(
        contents,
        now=datetime.now(UTC),
        service_account=service_account,
        authorities=authorities_in(ca_file) if ca_file else None,
        is_key_needed=True,
    )
    if as_json:
        click.echo(json.dumps({**found.as_dict(), "is_good": not found.errors}, indent=2))
    else:
        tell_inspection(found)
    if found.errors:
        count = len(found.errors)
        click.echo(f"\npropylon: {count} finding{'s' if count > 1 else ''} would be refused; see above.", err=True)
        sys.exit(1)


def authorities_in(file: Path) -> Authorities:
    """Raises the file's first finding as an error in words."""
    from propylon.toolkit.findings import finding, refusal
    from propylon.toolkit.inspection import Authorities

    contents = read([file], [])
    if not contents.certificates:
        errors = [each for each in contents.findings if each.is_error]
        raise refusal(errors[0] if errors else finding("certificate.none"))
    return Authorities(contents.certificates, file.name)
