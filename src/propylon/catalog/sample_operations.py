"""The operation to call first: what an application's page leads to once it has its keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from propylon.catalog.models import Environment, Operation, Product, Publication


@dataclass(frozen=True, slots=True)
class SampleOperation:
    """`product` and `version` are names."""

    product: str
    title: str
    version: str
    operation_id: str
    method: str
    mount_path: str  # of the version, below the environment's address; `path_template` follows it
    path_template: str


def sample_operations(products: Iterable[Product], environment: Environment) -> list[SampleOperation]:
    """One for each product that answers in the environment: of its newest version, a GET that needs no id."""
    newest: dict[int, Publication] = {}
    rows = Publication.objects.filter(environment=environment, product_version__product__in=list(products))
    rows = rows.select_related("product_version__product").defer("product_version__document")
    for row in rows.order_by("product_version__created_at", "product_version__pk"):
        newest[row.product_version.product_id] = row
    operations: dict[int, Operation] = {}
    versions = [row.product_version_id for row in newest.values()]
    for operation in Operation.objects.filter(product_version__in=versions).order_by("pk"):
        known = operations.get(operation.product_version_id)
        if known is None or _ease(operation) < _ease(known):
            operations[operation.product_version_id] = operation
    return [
        _sample(row, operations[row.product_version_id])
        for row in sorted(newest.values(), key=lambda row: row.product_version.product.title)
        if row.product_version_id in operations
    ]


def _ease(operation: Operation) -> tuple[bool, int]:
    return operation.method != "GET", operation.path_template.count("{")


def _sample(row: Publication, operation: Operation) -> SampleOperation:
    return SampleOperation(
        product=row.product_version.product.name,
        title=row.product_version.product.title,
        version=row.product_version.version,
        operation_id=operation.operation_id,
        method=operation.method,
        mount_path=row.product_version.mount_path,
        path_template=operation.path_template,
    )
