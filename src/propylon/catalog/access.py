"""Looking up products and what they are published with; what partners may not know of answers 404."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from propylon.accounts.access import may, require
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.catalog.models import (
    DetailType,
    Environment,
    ImportDraft,
    Operation,
    Plan,
    Product,
    ProductVersion,
    Publication,
    Scope,
    Upstream,
)
from propylon.catalog.selectors import products
from propylon.kernel.errors import Kind, PropylonError

Visitor = User | AnonymousUser


def visible_products(user: Visitor) -> QuerySet[Product]:
    """Everybody sees the visible products, without signing in, too; the program's staff sees all."""
    return products(also_hidden=isinstance(user, User) and may(user, Permission.VIEW_PROGRAM))


def access_product(user: Visitor, name: str, permission: Permission | None = None) -> Product:
    """The product, 404 if the user may not know of it, 403 if the role does not allow what is asked."""
    product = visible_products(user).filter(name=name).first()
    if product is None:
        raise PropylonError(
            "catalog.product.unknown",
            "There is no such product. The list of products names those that you may see.",
            kind=Kind.NOT_FOUND,
        )
    if permission is not None:
        _require(user, permission)
    return product


def access_version(user: Visitor, name: str, version: str, permission: Permission | None = None) -> ProductVersion:
    """A version of a product that the user may see; its document is read when somebody looks at it."""
    rows = access_product(user, name, permission).versions.select_related("product").defer("document")
    found = rows.filter(version=version).first()
    if found is None:
        raise unknown_version(name, version)
    return found


def access_operation(
    user: Visitor, name: str, version: str, operation_id: str, permission: Permission | None = None
) -> Operation:
    product_version = access_version(user, name, version, permission)
    rows = Operation.objects.select_related("product_version__product").defer("product_version__document")
    rows = rows.filter(product_version=product_version)
    found = rows.filter(operation_id=operation_id).first()
    if found is None:
        raise unknown_operation()
    return found


def access_detail_type(user: Visitor, name: str, type_name: str, permission: Permission | None = None) -> DetailType:
    rows = access_product(user, name, permission).detail_types.select_related("product", "scope")
    found = rows.filter(name=type_name).first()
    if found is None:
        raise PropylonError(
            "catalog.detail_type.unknown",
            "The product has no such type of authorization_details. Its list names those that it has.",
            kind=Kind.NOT_FOUND,
        )
    return found


def access_scope(user: Visitor, name: str, scope: str, permission: Permission | None = None) -> Scope:
    found = access_product(user, name, permission).scopes.select_related("product").filter(name=scope).first()
    if found is None:
        raise PropylonError(
            "catalog.scope.unknown", "The product has no such scope. Its description names them.", kind=Kind.NOT_FOUND
        )
    return found


def access_publication(user: Visitor, name: str, version: str, environment: str, permission: Permission) -> Publication:
    product_version = access_version(user, name, version, permission)
    rows = product_version.publications.select_related("environment", "upstream", "product_version__product")
    found = rows.filter(environment__name=environment).first()
    if found is None:
        raise PropylonError(
            "catalog.publication.unknown",
            "The version is not published there, so there is nothing to end.",
            kind=Kind.NOT_FOUND,
        )
    return found


def unknown_version(name: str, version: str) -> PropylonError:
    """For whoever looks a version up in what is loaded already."""
    return PropylonError(
        "catalog.version.unknown",
        f"The product {name} has no version {version}. Its description names those that it has.",
        kind=Kind.NOT_FOUND,
    )


def unknown_operation() -> PropylonError:
    return PropylonError(
        "catalog.operation.unknown", "The version has no such operation. Its list names their ids.", kind=Kind.NOT_FOUND
    )


def _require(user: Visitor, permission: Permission) -> None:
    if not isinstance(user, User):
        raise PropylonError("access.signed_out", "Sign in first.", kind=Kind.UNAUTHENTICATED)
    require(user, permission)


def access_draft(user: User, public_id: str) -> ImportDraft:
    """One's own; anybody else's answers 404."""
    found = ImportDraft.objects.filter(made_by=user, public_id=public_id).first()
    if found is None:
        raise PropylonError(
            "catalog.draft.unknown",
            "This preview has ended: it was imported, replaced by a newer one, or left for too long. Begin again.",
            kind=Kind.NOT_FOUND,
        )
    return found


def environment_named(name: str) -> Environment:
    found = Environment.objects.filter(name=name).first()
    if found is None:
        raise PropylonError(
            "catalog.environment.unknown",
            f"There is no environment {name!r}. The list names those there are.",
            kind=Kind.NOT_FOUND,
        )
    return found


def upstream_named(name: str) -> Upstream:
    found = Upstream.objects.filter(name=name).first()
    if found is None:
        raise PropylonError(
            "catalog.upstream.unknown",
            f"There is no upstream {name!r}. The list names those there are.",
            kind=Kind.NOT_FOUND,
        )
    return found


def plan_named(name: str) -> Plan:
    found = Plan.objects.filter(name=name).first()
    if found is None:
        raise PropylonError(
            "catalog.plan.unknown", f"There is no plan {name!r}. The list names those there are.", kind=Kind.NOT_FOUND
        )
    return found
