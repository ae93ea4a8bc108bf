"""`propylon cert convert`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from propylon.cli.cert.inputs import (
    files_argument,
    given_passwords,
    new_password,
    new_password_options,
    password_options,
    read,
)

# As in toolkit.outputs.FORMS, which a test holds it against: the help is to come without reading certificates.
_FORMS = ("pfx", "pfx-legacy", "pem", "key", "crt", "der", "p7b")


@click.command(short_help="Write it in another form: .pfx, .pem, .p7b, .cer, .key.")
@files_argument
@password_options
@new_password_options
@click.option("--to", "form", required=True, type=click.Choice(_FORMS), help="The form; see above.")
@click.option(
    "--out", metavar="FILE", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@click.option("--encrypt", is_flag=True, help="Of pem and key: encrypt the key under a new password.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def convert(  # noqa: PLR0913
    files: Sequence[Path],
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    new_password_env: str,
    new_password_file: Path | None,
    form: str,
    out: Path,
    *,
    encrypt: bool,
    force: bool,
) -> None:
    """Write what is in FILE in another form. A certificate and its key in two files are named together.

    \b
    pfx         PKCS #12 with AES-256: Windows since 2019, Java, Postman
    pfx-legacy  PKCS #12 with 3DES and SHA-1: older Windows, macOS Keychain
    pem         key, certificate and chain in one PEM text
    key         the private key as PEM (PKCS #8)
    crt         certificate and chain as PEM
    der         the certificate alone, as DER
    p7b         certificate and chain as PKCS #7
    """
    from propylon.toolkit.outputs import FORMS, converted
    from propylon.toolkit.private_files import place
    from propylon.toolkit.usable import usable_identity

    wanted = FORMS[form]
    contents = read(files, given_passwords(passwords, password_names, password_files))
    identity = usable_identity(contents, needs_key=wanted.has_key)
    encrypts = wanted.needs_password or (wanted.may_have_password and encrypt)
    password = new_password(new_password_env, new_password_file, is_needed=encrypts)
    if password and not (wanted.needs_password or wanted.may_have_password):
        raise click.UsageError(f"{form} holds no secret and takes no password.")
    made = converted(identity, form, password=password)
    place([(out, made)], is_forced=force)
    click.echo(f"{out}: {wanted.title}{' (readable by you alone)' if made.is_private else ''}")
