"""What the commands share: the files named, and passwords that stand in no shell's history unless somebody wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from propylon.toolkit.contents import Contents

_Command = TypeVar("_Command", bound=Callable[..., Any])
_TRIALS = 3
_LONGEST = 1024

FILE = click.Path(path_type=Path, dir_okay=False)
files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)


def password_options(command: _Command) -> _Command:
    """Three ways to give a password; typing it when asked is the fourth."""
    for option in (
        click.option(
            "--password-env",
            "password_names",
            metavar="NAME",
            multiple=True,
            help="Read the password from this variable.",
        ),
        click.option(
            "--password-file",
            "password_files",
            metavar="FILE",
            multiple=True,
            type=click.Path(path_type=Path, allow_dash=True),
            help="Read the password from the first line of FILE; - is standard input.",
        ),
        click.option(
            "--password",
            "passwords",
            metavar="SECRET",
            multiple=True,
            help="The password itself. It stays in your shell's history: better one of the next two, or type it when "
            "asked. All of them may be given more than once, for files with different passwords.",
        ),
    ):
        command = option(command)
    return command


def given_passwords(passwords: Sequence[str], names: Sequence[str], files: Sequence[Path]) -> list[str]:
    return [*passwords, *(_of_variable(name) for name in names), *(_of_file(file) for file in files)]


def read(files: Sequence[Path], passwords: list[str]) -> Contents:
    """Everything in the files; asks for a password where one is needed and somebody is there. Extends `passwords`."""
    from propylon.toolkit.openssl_reader import openssl_opinion
    from propylon.toolkit.private_files import read_named
    from propylon.toolkit.reading import read_files

    named = read_named(files)
    contents = read_files(named, passwords, second_opinion=openssl_opinion)
    for _ in range(_TRIALS):
        closed = [file.name for file in contents.files if any(_asks(each.code) for each in file.findings)]
        if not closed or not sys.stdin.isatty():
            break
        passwords.append(
            click.prompt(f"Password of {', '.join(closed)}", hide_input=True, err=True, default="", show_default=False)
        )
        contents = read_files(named, passwords, second_opinion=openssl_opinion)
    return contents


def new_password(name: str, file: Path | None, *, is_needed: bool) -> str:
    """Of a file that is to be made: by variable, by file, or typed twice."""
    if name:
        return _of_variable(name)
    if file is not None:
        return _of_file(file)
    if not is_needed:
        return ""
    if not sys.stdin.isatty():
        raise click.UsageError("The new file needs a password: --new-password-file FILE or --new-password-env NAME.")
    typed: str = click.prompt("Password of the new file", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def new_password_options(command: _Command) -> _Command:
    for option in (
        click.option(
            "--new-password-env", metavar="NAME", default="", help="Read the new file's password from this variable."
        ),
        click.option(
            "--new-password-file",
            metavar="FILE",
            type=click.Path(path_type=Path, allow_dash=True),
            help="Read the new file's password from the first line of FILE.",
        ),
    ):
        command = option(command)
    return command


def _asks(code: str) -> bool:
    return code in {"password.needed", "password.wrong"}


def _of_variable(name: str) -> str:
    if name not in os.environ:
        raise click.UsageError(f"The variable {name} is not set.")
    return os.environ[name]


def _of_file(file: Path) -> str:
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"The password file {file} cannot be read.") from None
    return text.split("\n")[0].rstrip("\r")[:_LONGEST]
