"""What changed between two versions of a product: of their documents, and of what an operator decided beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from propylon.catalog.models import Operation, ProductVersion
from propylon.openapi.change import Change
from propylon.openapi.difference import Difference, difference, operation_key

_KEPT = 32  # differences


def version_difference(before: ProductVersion, after: ProductVersion) -> Difference:
    """Of two versions of one product; documents are read when the difference is not known yet."""
    of_documents = _of_documents(before.pk, before.document_hash, after.pk, after.document_hash)
    return Difference.of((*of_documents.changes, *_access_changes(before, after)))


def difference_to(before: ProductVersion, document: Mapping[str, Any]) -> Difference:
    """From a version to a document that is not imported yet."""
    return difference(ProductVersion.objects.only("document").get(pk=before.pk).document, document)


def version_before(version: ProductVersion) -> ProductVersion | None:
    """The one that was imported before it."""
    rows = ProductVersion.objects.filter(product_id=version.product_id).defer("document")
    return rows.filter(created_at__lt=version.created_at).order_by("-created_at", "-pk").first()


@lru_cache(maxsize=_KEPT)
def _of_documents(before: int, _before_hash: str, after: int, _after_hash: str) -> Difference:
    """Documents change seldom: their hashes are part of the key."""
    documents = dict(ProductVersion.objects.filter(pk__in=(before, after)).values_list("pk", "document"))
    return difference(documents[before], documents[after])


def _access_changes(before: ProductVersion, after: ProductVersion) -> Iterator[Change]:
    known = {operation_key(row.method, row.path_template): row for row in _operations(before)}
    for row in _operations(after):
        old = known.get(operation_key(row.method, row.path_template))
        if old is None:
            continue
        if old.is_public != row.is_public:
            yield _access("access.opened" if row.is_public else "access.closed", row)
        if old.requires_certificate != row.requires_certificate:
            yield _access("access.certificate" if row.requires_certificate else "access.no_certificate", row)


def _operations(version: ProductVersion) -> Iterator[Operation]:
    fields = ("method", "path_template", "is_public", "requires_certificate")
    return Operation.objects.filter(product_version=version).only(*fields).iterator()


def _access(code: str, row: Operation) -> Change:
    return Change(code, "", str(row), operations=(str(row),))
