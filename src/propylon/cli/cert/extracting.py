"""`propylon cert extract`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from propylon.cli.cert.inputs import files_argument, given_passwords, password_options, read

if TYPE_CHECKING:
    from propylon.toolkit.identity import Identity


_WAY_OUT = "Nothing was written; its certificates alone are written with --certificates-only."


@click.command(short_help="A .pfx or .p12 to certificate.crt and private.key.")
@files_argument
@password_options
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to.",
)
@click.option("--keep-encrypted", is_flag=True, help="Write the key under the password that opened it, not decrypted.")
@click.option(
    "--certificates-only", is_flag=True, help="Write no key: for files that hold none, such as .p7b and .p7s."
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def extract(
    files: Sequence[Path],
    passwords: Sequence[str],
    password_files: Sequence[Path],
    password_names: Sequence[str],
    out: Path,
    *,
    keep_encrypted: bool,
    certificates_only: bool,
    force: bool,
) -> None:
    """Take FILE apart: certificate.crt, chain.crt where there is a chain, and private.key, as most programs want them.

    A pair, the certificate in one file and the key in the other, is named together. The key is readable by you alone
    (mode 0600). All files are written, or none.
    """
    from propylon.toolkit.outputs import taken_apart
    from propylon.toolkit.private_files import place
    from propylon.toolkit.usable import usable_identity

    contents = read(files, given_passwords(passwords, password_names, password_files))
    identity = usable_identity(contents, needs_key=not certificates_only, way_out=_WAY_OUT)
    password = _kept_password(identity) if keep_encrypted and not certificates_only else ""
    parts = taken_apart(identity, key_password=password, with_key=not certificates_only)
    place([(out / part.name, part) for part in parts], is_forced=force)
    for part in parts:
        click.echo(f"{out / part.name}{_remark(part.is_private, encrypted=bool(password))}")
    _tell_old_chain(out, has_chain=bool(identity.issuers))


def _kept_password(identity: Identity) -> str:
    key = identity.key
    if key is None or not key.password:
        raise click.UsageError(
            "The key was not encrypted, so there is no password to keep. Leave --keep-encrypted out."
        )
    return key.password


def _remark(is_private: bool, *, encrypted: bool) -> str:
    if not is_private:
        return ""
    return " (encrypted; readable by you alone)" if encrypted else " (not encrypted; readable by you alone)"


def _tell_old_chain(out: Path, *, has_chain: bool) -> None:
    from propylon.kernel.certificate_files import CHAIN_FILE

    old = out / CHAIN_FILE
    if not has_chain and old.exists():
        click.echo(f"{old} is of an earlier certificate: the one that was written now came without a chain.", err=True)
