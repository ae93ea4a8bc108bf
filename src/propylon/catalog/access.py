"""Looking up products and what they are published with; what partners may not know of answers 404."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from propylon.accounts.access import may, require
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.catalog.models import Environment, Operation, Product, ProductVersion, Publication, Upstream
from propylon.catalog.selectors import products
from propylon.kernel.errors import Kind, PropylonError

Found = TypeVar("Found", bound=Model)


def visible_products(user: User) -> QuerySet[Product]:
    """Every signed-in user sees the visible products, the program's staff sees all."""
    return products(also_hidden=may(user, Permission.VIEW_PROGRAM))


def access_product(user: User, name: str, permission: Permission | None = None) -> Product:
    """The product, 404 if the user may not know of it, 403 if the role does not allow what is asked."""
    product = visible_products(user).filter(name=name).first()
    if product is None:
        raise _unknown("product", "There is no such product. The list of products names those that you may see.")
    if permission is not None:
        require(user, permission)
    return product


def access_version(user: User, name: str, version: str, permission: Permission | None = None) -> ProductVersion:
    """A version of a product that the user may see, its document included."""
    found = access_product(user, name, permission).versions.select_related("product").filter(version=version).first()
    if found is None:
        raise _unknown("version", f"The product {name} has no version {version}. Its page names those that it has.")
    return found


def access_operation(user: User, name: str, version: str, operation_id: str, permission: Permission) -> Operation:
    product_version = access_version(user, name, version, permission)
    return _named(
        Operation.objects.select_related("product_version__product").filter(
            product_version=product_version, operation_id=operation_id
        ),
        "operation",
        operation_id,
    )


def access_publication(user: User, name: str, version: str, environment: str, permission: Permission) -> Publication:
    product_version = access_version(user, name, version, permission)
    rows = product_version.publications.select_related("environment", "upstream", "product_version__product")
    return _named(rows.filter(environment__name=environment), "publication", environment)


def environment_named(name: str) -> Environment:
    return _named(Environment.objects.filter(name=name), "environment", name)


def upstream_named(name: str) -> Upstream:
    return _named(Upstream.objects.filter(name=name), "upstream", name)


def _named(rows: QuerySet[Found], what: str, name: str) -> Found:
    found = rows.first()
    if found is None:
        raise _unknown(what, f"There is no {what} {name!r}. Look up the names that there are.")
    return found


def _unknown(what: str, message: str) -> PropylonError:
    return PropylonError(f"catalog.{what}.unknown", message, kind=Kind.NOT_FOUND)
