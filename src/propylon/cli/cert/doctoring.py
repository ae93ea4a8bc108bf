"""`propylon cert doctor`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from propylon.cli.cert.inputs import FILE, given_passwords, password_options, read

if TYPE_CHECKING:
    from propylon.toolkit.doctor import Diagnosis
    from propylon.toolkit.inspection import Inspection

_SIGNS = {True: "✓", False: "✗", None: "·"}
_COLOURS = {True: "green", False: "red", None: "white"}


@click.command(short_help="Connect, and say in words what fails.")
@click.argument("url")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=FILE)
@password_options
@click.option("--ca", "ca_file", metavar="FILE", type=FILE, help="The server's authority. Default: this machine's own.")
@click.option("--service-account", metavar="NAME", default="", help="The name that the certificate must carry (CN).")
@click.option("--token-file", metavar="FILE", help="Call with the access token in FILE; - is standard input.")
@click.option("--token-env", metavar="NAME", default="", help="Call with the access token in this variable.")
@click.option("--past-proxy", is_flag=True, help="Do not go through the proxy that HTTPS_PROXY names.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 120), default=10.0, show_default=True, help="Seconds for each step."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def doctor(  # noqa: PLR0913, PLR0917
    url: str,
    files: Sequence[Path],
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    ca_file: Path | None,
    service_account: str,
    token_file: str | None,
    token_env: str,
    timeout: float,
    *,
    past_proxy: bool,
    as_json: bool,
) -> None:
    """Connect to URL with the certificate and key in FILE, make one GET, and say in words what fails.

    Nothing but that one request is sent, and only to a server whose certificate was verified. Ends with 1 when
    something stands in the way.
    """
    from propylon.toolkit.doctor import Patient, examine
    from propylon.toolkit.inspection import inspect

    now = datetime.now(UTC)
    inspection = None
    if files:
        contents = read(files, given_passwords(passwords, password_names, password_files))
        inspection = inspect(contents, now=now, service_account=service_account, is_key_needed=True)
    patient = Patient(
        url=url,
        inspection=inspection,
        ca_file=_ca(ca_file),
        token="".join(given_passwords((), [token_env] if token_env else [], [Path(token_file)] if token_file else [])),
        goes_past_proxy=past_proxy,
        seconds=timeout,
    )
    found = examine(patient, now=now)
    if as_json:
        click.echo(json.dumps({**found.as_dict(), "postman": dict(_postman(found, inspection, past_proxy))}, indent=2))
    else:
        _tell(found, inspection, past_proxy)
    if not found.is_good:
        first = next(each for each in found.findings if each.is_error)
        click.echo(f"propylon: {first.sentence} {first.next_step} [{first.code}]", err=True)
        sys.exit(1)


def _ca(file: Path | None) -> str | None:
    """Looked at first, so that a wrong file gets its sentence."""
    from propylon.cli.cert.checking import authorities_in

    if file is None:
        return None
    authorities_in(file)
    return str(file)


def _postman(found: Diagnosis, inspection: Inspection | None, past_proxy: bool) -> list[tuple[str, str]]:
    from propylon.toolkit.connection import proxy_for
    from propylon.toolkit.postman import postman_list

    return list(postman_list(found.target, inspection, None if past_proxy else proxy_for(found.target)))


def _tell(found: Diagnosis, inspection: Inspection | None, past_proxy: bool) -> None:
    from propylon.cli.cert.shown import tell_findings, tell_rows

    click.echo(click.style(f"https://{found.target.name}:{found.target.port}{found.target.path}", bold=True))
    for step in found.steps:
        click.echo(f"  {click.style(_SIGNS[step.is_good], fg=_COLOURS[step.is_good])} {step.title:<12} {step.text}")
    tell_findings(found.findings)
    tell_rows("In Postman", _postman(found, inspection, past_proxy))
