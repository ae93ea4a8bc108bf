"""From scope names to the products that a client must be subscribed to for them."""

from __future__ import annotations

from collections.abc import Sequence

from propylon.catalog.models import Product, Scope
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.oauth.scopes import OPENID


def products_with_scopes(names: Sequence[str]) -> list[Product]:
    """Of visible products, by name; `openid` needs none. Raises `client.scope.unknown`."""
    wanted = [name for name in names if name != OPENID]
    found = list(Scope.objects.filter(name__in=wanted, product__is_visible=True).select_related("product"))
    unknown = sorted(set(wanted) - {scope.name for scope in found})
    if unknown:
        raise PropylonError(
            "client.scope.unknown",
            f"There is no such scope: {' '.join(unknown)}. The catalogue names those that there are.",
            kind=Kind.MALFORMED,
            errors=[FieldError("scope", "body", f"unknown: {' '.join(unknown)}")],
        )
    products = {scope.product.pk: scope.product for scope in found}
    return sorted(products.values(), key=lambda product: product.name)
