"""`propylon catalog diff`: what changed between two versions, and what can break a program."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from propylon.cli.document_file import fail, text_of
from propylon.cli.installation import set_up_django
from propylon.cli.options import home_option
from propylon.kernel.errors import PropylonError


@click.command(short_help="Show what changed between two versions.")
@click.argument("before")
@click.argument("after")
@home_option
@click.option("--breaking", "only_breaking", is_flag=True, help="Only what can break a program.")
def diff(before: str, after: str, only_breaking: bool) -> None:
    """Show what changed from BEFORE to AFTER: each a file, or a version such as accounts/v1.

    Ends with 1 when something can break a program that was written for BEFORE.
    """
    set_up_django()
    from propylon.catalog.change_words import told
    from propylon.openapi.difference import difference

    found = difference(_document_of(before), _document_of(after))
    for each in told(found.breaking if only_breaking else found.changes):
        names = ", ".join(name for name, _ in each.operations) + (f" and {each.more} more" if each.more else "")
        click.echo(f"{'BREAKS ' if each.is_breaking else ''}{names}: {each.what} {each.why}".rstrip())
        click.echo(f"    {each.place}")
    count, reached = len(found.changes), len(found.operations)
    click.echo(f"Changes: {count}, of {reached} operations. {len(found.breaking)} of them can break a program.")
    sys.exit(1 if found.is_breaking else 0)


def _document_of(name: str) -> Mapping[str, Any]:
    """Of a file, or of a version in the catalogue."""
    from propylon.catalog.import_preview import read_document
    from propylon.catalog.models import ProductVersion

    file = Path(name)
    if file.is_file():
        try:
            return read_document(text_of(file)).document
        except PropylonError as error:
            fail(file, error)
    product, _, version = name.partition("/")
    found = ProductVersion.objects.filter(product__name=product, version=version).first()
    if found is None:
        click.echo(f"{name} is neither a file nor a version. propylon catalog list names the versions.", err=True)
        sys.exit(2)
    document: Mapping[str, Any] = found.document
    return document
