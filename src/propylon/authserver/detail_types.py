"""Which types of `authorization_details` there are, and which a client may use (RFC 9396, 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef

from propylon.applications.models import Client
from propylon.catalog.models import DetailType as Row
from propylon.catalog.models import Publication, Scope
from propylon.oauth.authorization_details import DetailType


def detail_types_of(client: Client) -> dict[str, DetailType]:
    """Of the products that it is subscribed to, where one of the type's versions answers; fewer if it said so."""
    answers = Publication.objects.filter(
        product_version__detail_types=OuterRef("pk"),
        product_version__ended_at=None,
        environment=client.environment_id,
    )
    rows = Row.objects.filter(Exists(answers), product__subscriptions__client=client)
    rows = rows.select_related("scope", "product").prefetch_related("product__scopes")
    if client.authorization_details_types:
        rows = rows.filter(name__in=client.authorization_details_types)
    return {row.name: detail_type(row) for row in rows}


def types_named(names: Iterable[str]) -> Mapping[str, DetailType]:
    """To show what was granted; a type that was removed since is not among them."""
    rows = Row.objects.filter(name__in=set(names)).select_related("scope", "product")
    rows = rows.prefetch_related("product__scopes")
    return {row.name: detail_type(row) for row in rows}


def detail_type(row: Row) -> DetailType:
    """A choice of accounts for the type limits every scope of its product, if the type stands for one of them."""
    return DetailType(
        name=row.name,
        title=row.title,
        schema=row.schema,
        account_member=row.account_member,
        scope=row.scope.name if row.scope else "",
        covers=frozenset(each.name for each in row.product.scopes.all()) if row.scope else frozenset(),
    )


def all_detail_type_names() -> list[str]:
    """Those of visible products, for the metadata."""
    return list(Row.objects.filter(product__is_visible=True).order_by("name").values_list("name", flat=True))


def scopes_that_ask_accounts(names: Iterable[str]) -> frozenset[str]:
    """For which of these scopes the customer chooses accounts."""
    return frozenset(Scope.objects.filter(name__in=set(names), asks_accounts=True).values_list("name", flat=True))
