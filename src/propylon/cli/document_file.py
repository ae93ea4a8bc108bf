"""OpenAPI documents in files: reading one, and saying what is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from propylon.kernel.errors import Kind, PropylonError


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = file.read_bytes().count(b"\n", 0, error.start) + 1
        raise PropylonError(
            "catalog.document.encoding",
            f"The file is no UTF-8 text (line {line}). Save it as UTF-8.",
            kind=Kind.MALFORMED,
        ) from error


def fail(file: Path, error: PropylonError) -> NoReturn:
    click.echo(f"{file.name}: {error.message} [{error.code}]", err=True)
    for mistake in error.errors:
        where = mistake.field if mistake.location == "document" else f"{mistake.location} {mistake.field}"
        click.echo(f"  {where}: {mistake.reason}", err=True)
    sys.exit(1)
