"""An OpenAPI document becomes a product version, or nothing at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.import_preview import ImportWish, planned, read_document
from propylon.catalog.mocks import sync_mocks
from propylon.catalog.models import Operation, Product, ProductVersion, Scope
from propylon.catalog.plan_import import PlannedImport
from propylon.catalog.search_text import search_text, summary_of
from propylon.kernel.actor import Actor
from propylon.openapi.access import AccessRules
from propylon.openapi.api import Api, slug

Changes = dict[str, list[str]]
_DECIDED = (
    "is_public",
    "requires_certificate",
    "requires_binding",
    "plans",
    "psd2_roles",
    "acr_values",
    "max_age",
    "streams",
)


def import_product(
    *,
    acting_user: Actor,
    text: str,
    name: str | None = None,
    title: str | None = None,
    version: str | None = None,
    scope: str | None = None,
) -> ProductVersion:
    """The version that the OpenAPI 3 text (YAML or JSON) describes, new or brought up to date.

    `name` is the product's, by default made from the title; importing the same name and version again updates it, and
    an unchanged document changes nothing. `scope` is what operations need that ask for none, by default the product's
    name. Raises `catalog.document.invalid` or `catalog.import.refused` with every mistake; then nothing was stored.
    """
    return store_api(acting_user=acting_user, api=read_document(text), wish=ImportWish(name, title, version, scope))


@transaction.atomic
def store_api(*, acting_user: Actor, api: Api, wish: ImportWish) -> ProductVersion:
    """The same for a document that was read already. Raises `catalog.import.refused`."""
    product = Product.objects.select_for_update().filter(name=wish.name or slug(api.title)).first()
    name, label, plan = planned(api, wish, product)
    content_hash = document_hash(api.document)
    if product is not None and product.title == label and product.default_scope == plan.default_scope:
        same = product.versions.filter(version=plan.version, document_hash=content_hash).first()
        if same is not None:
            return same
    product = _save_product(product, name, label, api, plan)
    product_version = _save_version(product, api, plan, content_hash)
    changes = _save_operations(product_version, plan)
    _save_scopes(product, plan)
    _save_search_text(product)
    record_event(
        acting_user=acting_user,
        action="product.imported",
        object_kind="product",
        object_id=name,
        data={"version": plan.version, "document_hash": content_hash, **changes},
    )
    transaction.on_commit(sync_mocks, robust=True)
    return product_version


def document_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document's content: order of keys, comments and YAML or JSON make no difference."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _save_product(product: Product | None, name: str, title: str, api: Api, plan: PlannedImport) -> Product:
    product = product or Product(name=name, created_at=timezone.now())
    product.title = title
    product.description = api.description
    product.summary = summary_of(api.description)
    product.default_scope = plan.default_scope
    product.save()
    return product


def _save_version(product: Product, api: Api, plan: PlannedImport, content_hash: str) -> ProductVersion:
    product_version, _ = ProductVersion.objects.update_or_create(
        product=product,
        version=plan.version,
        defaults={"document": dict(api.document), "document_hash": content_hash, "mount_path": plan.mount_path},
        create_defaults={
            "document": dict(api.document),
            "document_hash": content_hash,
            "mount_path": plan.mount_path,
            "created_at": timezone.now(),
        },
    )
    return product_version


def _save_operations(product_version: ProductVersion, plan: PlannedImport) -> Changes:
    """What the operator decided about an operation (public, certificate, rules) stays with its method and path; of a
    new one the document may ask for more than its scopes (propylon.openapi.access)."""
    before = {(row.method, row.path_template): row for row in product_version.operations.all()}
    changes: Changes = {"added": [], "changed": [], "removed": []}
    rows = []
    for wanted in plan.operations:
        old = before.pop((wanted.method, wanted.path_template), None)
        row = Operation(
            product_version=product_version,
            operation_id=wanted.operation_id,
            method=wanted.method,
            path_template=wanted.path_template,
            summary=wanted.summary,
            scopes=list(wanted.scopes),
            tag=wanted.tag,
            is_deprecated=wanted.is_deprecated,
            **({name: getattr(old, name) for name in _DECIDED} if old else _asked(wanted.access)),
        )
        if old is None:
            changes["added"].append(str(row))
        elif (old.operation_id, old.summary, old.scopes) != (row.operation_id, row.summary, row.scopes):
            changes["changed"].append(str(row))
        rows.append(row)
    changes["removed"] = [str(row) for row in before.values()]
    product_version.operations.all().delete()  # all anew: two operations may have swapped their ids
    Operation.objects.bulk_create(rows)
    return changes


def _asked(access: AccessRules) -> dict[str, Any]:
    return {
        "requires_certificate": access.requires_certificate,
        "requires_binding": access.requires_binding,
        "psd2_roles": sorted(set(access.psd2_roles)),
        "acr_values": list(dict.fromkeys(access.acr_values)),
        "max_age": access.max_age,
    }


def _save_search_text(product: Product) -> None:
    rows = Operation.objects.filter(product_version__product=product)
    operations = [" ".join(row) for row in rows.values_list("operation_id", "path_template", "summary", "tag")]
    scopes = [" ".join(row) for row in product.scopes.values_list("name", "title")]
    product.search_text = search_text(product.title, product.name, *operations, *scopes, product.description)
    product.save(update_fields=["search_text"])


def _save_scopes(product: Product, plan: PlannedImport) -> None:
    """Scopes that no version needs any more go, so that nobody is asked to consent to nothing."""
    needed = {product.default_scope, *plan.scopes}
    for scopes in Operation.objects.filter(product_version__product=product).values_list("scopes", flat=True):
        needed |= set(scopes)
    product.scopes.exclude(name__in=needed).delete()
    for name in sorted(needed):
        title = plan.scopes.get(name)
        scope, is_new = Scope.objects.get_or_create(name=name, product=product, defaults={"title": title or name})
        if title and not is_new and scope.title != title:
            scope.title = title
            scope.save()
