"""Example requests of a version's document, kept in memory: reading a large document takes longer than a page may."""

from __future__ import annotations

from functools import lru_cache

from propylon.catalog.models import Operation, ProductVersion
from propylon.kernel.errors import Kind, PropylonError
from propylon.openapi.examples import ExampleRequest, Examples


def example_of(operation: Operation) -> ExampleRequest:
    """Raises `catalog.operation.undescribed` when the document that is stored no longer has the operation."""
    found = examples_of(operation.product_version).request(operation.method, operation.path_template)
    if found is None:
        raise PropylonError(
            "catalog.operation.undescribed",
            "The version's document does not describe this operation any more. Import the document again.",
            kind=Kind.CONFLICT,
        )
    return found


def examples_of(version: ProductVersion) -> Examples:
    return _examples(version.pk, version.document_hash)


@lru_cache(maxsize=32)
def _examples(key: int, _document_hash: str) -> Examples:
    return Examples(ProductVersion.objects.only("document").get(pk=key).document)
