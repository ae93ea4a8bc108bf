"""OpenAPI documents in files: reading one, and saying what is wrong with it, what is unusual, what it becomes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from propylon.kernel.errors import PropylonError
from propylon.openapi.mistakes import Mistake

if TYPE_CHECKING:
    from propylon.catalog.import_preview import ImportPreview


def text_of(file: Path) -> str:
    """Raises `catalog.document.invalid`."""
    from propylon.catalog.import_preview import document_text

    return document_text(file.read_bytes())


def fail(file: Path, error: PropylonError) -> NoReturn:
    click.echo(f"{file.name}: {error.message} [{error.code}]", err=True)
    for mistake in error.errors:
        where = mistake.field if mistake.location == "document" else f"{mistake.location} {mistake.field}"
        click.echo(f"  {where}: {mistake.reason}", err=True)
    sys.exit(1)


def tell_notes(notes: Sequence[Mistake]) -> None:
    """What was mended, and what is taken otherwise than one may expect; the same at many places in one line."""
    from propylon.catalog.import_preview import grouped_notes

    for note in grouped_notes(notes):
        more = f" and {note.more} more" if note.more else ""
        click.echo(f"Note: {', '.join(note.places)}{more}: {note.reason}")


def tell_preview(preview: ImportPreview) -> None:
    plan = preview.plan
    click.echo(
        f"Would be: product {preview.name} {plan.version} at {plan.mount_path}, {len(plan.operations)} operations"
    )
    click.echo(f"Scopes: {', '.join(sorted(plan.scopes))}")
