"""`propylon catalog`: products from OpenAPI documents, straight into this installation's database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from propylon.cli.catalog_diff import diff
from propylon.cli.document_file import fail, tell_notes, tell_preview, text_of
from propylon.cli.installation import set_up_django
from propylon.cli.options import home_option
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError

if TYPE_CHECKING:
    from propylon.catalog.models import ProductVersion, Publication

_OPERATOR = Actor("system", "command-line", "propylon catalog")


@click.group()
@home_option
def catalog() -> None:
    """Import and list API products. It works on the home's database, whether the system runs or not."""


@catalog.command("import", short_help="Make an OpenAPI document a product, and publish it.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@click.option(
    "--name", metavar="NAME", help="The product's name in addresses. Default: made from the document's title."
)
@click.option("--title", metavar="TITLE", help="What people read. Default: the document's title.")
@click.option("--version", metavar="V1", help="v1, v2 and so on. Default: from the document's version.")
@click.option(
    "--environment", metavar="NAME", default="sandbox", show_default=True, help="The environment to publish it in."
)
@click.option(
    "--upstream",
    metavar="NAME",
    default="sandbox",
    show_default=True,
    help="The upstream that answers; `sandbox` answers with the document's own examples.",
)
@click.option(
    "--upstream-prefix",
    metavar="PATH",
    default="",
    help="What the paths begin with at the upstream, such as /ledger/v1. Default: nothing.",
)
@click.option("--scope", metavar="SCOPE", help="The scope of operations that name none. Default: the product's name.")
@click.option("--dry-run", is_flag=True, help="Say what the document would become, and store nothing.")
def import_file(  # noqa: PLR0913, PLR0917
    file: Path,
    name: str | None,
    title: str | None,
    version: str | None,
    environment: str,
    upstream: str,
    upstream_prefix: str,
    scope: str | None,
    dry_run: bool,
) -> None:
    """Make FILE, a document of OpenAPI 3.0, 3.1 or Swagger 2.0 in YAML or JSON, a product and publish it.

    Every mistake of the document is named with its place, and then nothing is stored. What is unusual is named too.
    """
    set_up_django()
    from django.db import transaction

    from propylon.catalog import actions
    from propylon.catalog.access import environment_named, upstream_named
    from propylon.catalog.import_preview import ImportWish, preview_import, read_document

    wish = ImportWish(name, title, version, scope)
    started = time.monotonic()
    try:
        text = text_of(file)
        target, source = environment_named(environment), upstream_named(upstream)
        click.echo(f"Reading {file.name} ({len(text.encode()) // 1024} KB) …")
        api = read_document(text)
        tell_notes(api.notes)
        if dry_run:
            tell_preview(preview_import(api, wish))
            click.echo(f"Nothing was stored. Done in {time.monotonic() - started:.1f} s.")
            return
        with transaction.atomic():  # published, or not even stored
            product_version = actions.store_api(acting_user=_OPERATOR, api=api, wish=wish)
            publication = actions.publish(
                acting_user=_OPERATOR,
                product_version=product_version,
                environment=target,
                upstream=source,
                upstream_prefix=upstream_prefix,
            )
    except PropylonError as error:
        fail(file, error)
    _tell(product_version)
    _tell_publication(publication)
    click.echo(f"Done in {time.monotonic() - started:.1f} s.")


@catalog.command("list")
@home_option
def list_products() -> None:
    """Show the products, their versions and where they answer."""
    set_up_django()
    from propylon.catalog.addresses import version_urls
    from propylon.catalog.selectors import products

    for product in products(also_hidden=True).order_by("name"):
        hidden = "" if product.is_visible else " (hidden)"
        click.echo(f"{product.name}: {product.title}{hidden}")
        click.echo(f"  scopes {', '.join(sorted(scope.name for scope in product.scopes.all()))}")
        for version in product.versions.all():
            click.echo(f"  {version.version}: {version.operations.count()} operations")
            for publication in version.publications.all():
                click.echo(f"    {version_urls(publication)[0]} from {publication.upstream.name}")


def _tell(product_version: ProductVersion) -> None:
    product = product_version.product
    count = product_version.operations.count()
    click.echo(f"Product {product.name} {product_version.version}: {product.title}, {count} operations")
    click.echo(f"Scopes: {', '.join(sorted(scope.name for scope in product.scopes.all()))}")


def _tell_publication(publication: Publication) -> None:
    from propylon.catalog.addresses import version_urls

    click.echo("Answers at {} and {}".format(*version_urls(publication)))
    click.echo(f"from the upstream {publication.upstream.name}, at its {publication.upstream_prefix or '/'}")


catalog.add_command(diff)
