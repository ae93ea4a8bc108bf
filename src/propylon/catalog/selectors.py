"""Reading the catalogue: for the gateway, for partners, for the program's staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from propylon.catalog.addresses import address_of, base_path, version_urls
from propylon.catalog.models import (
    DetailType,
    Environment,
    Operation,
    Plan,
    Product,
    ProductVersion,
    Publication,
    QuotaKind,
    Scope,
    Upstream,
)
from propylon.gateway import model as gateway


def gateway_environments() -> tuple[gateway.Environment, ...]:
    rows = ((row, address_of(row)) for row in Environment.objects.order_by("name"))
    return tuple(
        gateway.Environment(
            row.name,
            address.path_prefix,
            audience=address.public_url,
            hosts=address.hosts,
            demands_nonces=row.demands_nonces,
        )
        for row, address in rows
    )


def gateway_upstreams() -> tuple[gateway.Upstream, ...]:
    return tuple(
        gateway.Upstream(
            name=row.name,
            address=row.address,
            timeout_ms=row.timeout_ms,
            ca_pem=row.ca_pem,
            sends_client_certificate=row.sends_client_certificate,
            further_addresses=tuple(row.further_addresses),
            health_path=row.health_path,
            max_parallel_calls=row.max_parallel_calls,
        )
        for row in Upstream.objects.order_by("name")
    )


def gateway_plans() -> tuple[gateway.Plan, ...]:
    return tuple(
        gateway.Plan(
            row.name,
            requests_per_second=row.requests_per_second,
            burst=row.burst,
            exact_quota=row.quota_outage if row.quota_kind == QuotaKind.EXACT else "",
        )
        for row in Plan.objects.order_by("name")
    )


def publications_for_gateway() -> tuple[gateway.Publication, ...]:
    """Every version that answers somewhere, with all of its operations, sorted."""
    rows = (
        Publication.objects.select_related("product_version__product", "environment", "upstream")
        .defer("product_version__document", "product_version__product__description")
        .prefetch_related(
            Prefetch("product_version__operations", queryset=Operation.objects.order_by("path_template", "method"))
        )
        .order_by("environment__name", "product_version__product__name", "product_version__version")
    )
    addresses = {(row.environment_id, row.product_version_id): base_path(row) for row in rows}
    return tuple(_gateway_publication(row, addresses) for row in rows)


def _gateway_publication(row: Publication, addresses: Mapping[tuple[int, int], str]) -> gateway.Publication:
    version = row.product_version
    return gateway.Publication(
        environment=row.environment.name,
        product=version.product.name,
        version=version.version,
        base_path=base_path(row),
        upstream=row.upstream.name,
        upstream_prefix=row.upstream_prefix,
        error_format=version.product.error_format,
        operations=tuple(
            gateway.Operation(
                operation_id=operation.operation_id,
                method=operation.method,
                path_template=operation.path_template,
                scopes=tuple(operation.scopes),
                is_public=operation.is_public,
                requires_certificate=operation.requires_certificate,
                rules=gateway.TokenRules(
                    psd2_roles=tuple(operation.psd2_roles),
                    plans=tuple(operation.plans),
                    acr=tuple(operation.acr_values),
                    max_age=operation.max_age,
                    is_bound=operation.requires_binding or version.product.requires_binding,
                ),
                streams=operation.streams,
            )
            for operation in version.operations.all()
        ),
        lifecycle=gateway.Lifecycle(
            deprecated_at=_seconds(version.deprecated_at),
            sunset_at=_seconds(version.sunset_at),
            documentation=lifecycle_link(version) if version.deprecated_at else "",
            successor=addresses.get((row.environment_id, version.successor_id or 0), ""),
            is_ended=version.ended_at is not None,
        ),
        bounds=gateway.Bounds(
            body_bytes=version.product.max_body_bytes,
            answer_bytes=version.product.max_answer_bytes,
            timeout_ms=version.product.timeout_ms,
        ),
    )


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def lifecycle_link(version: ProductVersion) -> str:
    """Where partners read what the version's end means to them: absolute."""
    page = f"{settings.PROPYLON_PUBLIC_URL}/products/{version.product.name}/{version.version}/versions"
    return version.lifecycle_link or page


def environments() -> QuerySet[Environment]:
    return Environment.objects.order_by("position", "name")


def upstreams() -> QuerySet[Upstream]:
    return Upstream.objects.all()


def plans() -> QuerySet[Plan]:
    return Plan.objects.all()


def has_applications(environment: Environment) -> bool:
    """Is an application there that was not deleted?"""
    return environment.clients.filter(application__deleted_at=None).exists()


def default_plan() -> Plan | None:
    """The plan of new clients: the one marked as default, else the first made."""
    return Plan.objects.order_by("-is_default", "pk").first()


def products_found(*, text: str = "", is_visible: bool | None = None, environment: str = "") -> QuerySet[Product]:
    """Of all products, those with this in name or title, those that partners (do not) see, those that answer there."""
    found = products(also_hidden=True)
    if text:
        found = found.filter(Q(name__icontains=text.strip()) | Q(title__icontains=text.strip()))
    if is_visible is not None:
        found = found.filter(is_visible=is_visible)
    if environment:
        published = Publication.objects.filter(product_version__product=OuterRef("pk"), environment__name=environment)
        found = found.filter(Exists(published))
    return found


def environment_titles() -> dict[str, str]:
    """What people call each environment: its name to its title."""
    return dict(Environment.objects.values_list("name", "title"))


def product_titles() -> list[tuple[str, str, bool]]:
    """Name, title and visibility of every product, by title: what people choose from."""
    return list(Product.objects.order_by("title", "name").values_list("name", "title", "is_visible"))


def products(*, also_hidden: bool = False) -> QuerySet[Product]:
    """Products with versions and where they are published; documents are left in the database."""
    versions = ProductVersion.objects.select_related("successor").defer("document", "successor__document")
    versions = versions.order_by("-created_at", "-pk")
    published = Publication.objects.select_related("environment", "upstream").order_by("environment__position", "pk")
    found = Product.objects.prefetch_related(
        "scopes", Prefetch("versions", queryset=versions), Prefetch("versions__publications", queryset=published)
    )
    return found if also_hidden else found.filter(is_visible=True)


def operations(product_version: ProductVersion) -> QuerySet[Operation]:
    return Operation.objects.filter(product_version=product_version)


def detail_types(name: str, version: str) -> QuerySet[DetailType]:
    """The types of `authorization_details` of a product's version."""
    rows = DetailType.objects.filter(versions__version=version, versions__product__name=name)
    return rows.select_related("scope").order_by("name")


def scopes_asking_accounts(name: str) -> frozenset[str]:
    """Scopes of a product whose consent names accounts."""
    return frozenset(Scope.objects.filter(product__name=name, asks_accounts=True).values_list("name", flat=True))


def document_with_addresses(version: ProductVersion) -> dict[str, Any]:
    """The document as imported, with the servers that it answers at here."""
    published = version.publications.select_related("environment", "product_version")
    servers = [
        {"url": url, "description": f"{row.environment.title}, {listener}"}
        for row in published.defer("product_version__document").order_by("environment__position")
        for url, listener in zip(version_urls(row), ("TLS", "two-way TLS"), strict=True)
    ]
    return {**version.document, "servers": servers} if servers else dict(version.document)


def newest_publications(products_seen: QuerySet[Product]) -> QuerySet[Publication]:
    """Where versions of these products began to answer, newest first; documents are left in the database."""
    return (
        Publication.objects.filter(product_version__product__in=products_seen.values("pk"))
        .select_related("environment", "product_version__product")
        .defer("product_version__document", "product_version__product__description")
        .defer("product_version__product__search_text")
        .order_by("-created_at", "-pk")
    )


def ending_versions(products_seen: QuerySet[Product]) -> QuerySet[ProductVersion]:
    """Versions of these products that are deprecated or will be, and still answer; the next to end first."""
    return (
        ProductVersion.objects.filter(product__in=products_seen.values("pk"), deprecated_at__isnull=False)
        .filter(ended_at=None, publications__isnull=False)
        .select_related("product", "successor")
        .defer("document", "successor__document", "product__description", "product__search_text")
        .order_by(F("sunset_at").asc(nulls_last=True), "pk")
        .distinct()
    )
