"""`propylon cert csr`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from propylon.cli.cert.inputs import given_passwords, new_password, new_password_options, password_options, read

_KINDS = ("p256", "p384", "rsa2048", "rsa3072", "rsa4096")  # as in toolkit.own_request.KEY_KINDS; a test holds it


@click.command(short_help="Make a key, and the signing request to order with.")
@click.argument("service_account", metavar="SERVICE_ACCOUNT")
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to.",
)
@click.option("--key-type", type=click.Choice(_KINDS), default="p256", show_default=True, help="The new key's kind.")
@click.option(
    "--key",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Use this key instead of a new one.",
)
@click.option("--encrypt", is_flag=True, help="Encrypt the new key under a password.")
@password_options
@new_password_options
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def csr(  # noqa: PLR0913, PLR0917
    service_account: str,
    out: Path,
    key_type: str,
    key_file: Path | None,
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    new_password_env: str,
    new_password_file: Path | None,
    *,
    encrypt: bool,
    force: bool,
) -> None:
    """Make private.key and request.csr in DIR for SERVICE_ACCOUNT, the name that stands on the application's page.

    Send request.csr with the order; the key stays with you and nobody else ever sees it.
    """
    from propylon.toolkit.outputs import OutputFile
    from propylon.toolkit.own_request import new_key, request_for
    from propylon.toolkit.private_files import place

    files: list[OutputFile] = []
    if key_file is None:
        key: object
        key, file = new_key(key_type, password=new_password(new_password_env, new_password_file, is_needed=encrypt))
        files.append(file)
    else:
        key = _key_in(key_file, given_passwords(passwords, password_names, password_files))
    files.append(request_for(service_account, key))
    place([(out / file.name, file) for file in files], is_forced=force)
    for file in files:
        click.echo(f"{out / file.name}{' (readable by you alone; keep it)' if file.is_private else ''}")
    click.echo("Order the certificate on the application's page, under Certificates, with request.csr.")


def _key_in(file: Path, passwords: list[str]) -> object:
    from propylon.toolkit.findings import finding, refusal

    contents = read([file], passwords)
    if not contents.keys:
        errors = [each for each in contents.findings if each.is_error]
        raise refusal(errors[0] if errors else finding("key.unreadable", file=file.name))
    return contents.keys[0].key
