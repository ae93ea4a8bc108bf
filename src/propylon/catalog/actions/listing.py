"""How a product presents itself in the catalogue."""

from __future__ import annotations

from django.db import transaction

from propylon.catalog.actions.product_changes import change_product
from propylon.catalog.models import Product
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError


@transaction.atomic
def set_listing(
    *,
    acting_user: Actor,
    product: Product,
    is_featured: bool | None = None,
    is_psd2_only: bool | None = None,
    geography: str | None = None,
) -> None:
    """On the home page or not, for licensed third parties only or not, where it may be used. None leaves as it is."""
    given = {"is_featured": is_featured, "is_psd2_only": is_psd2_only, "geography": geography}
    longest = 120
    if geography is not None and len(geography) > longest:
        raise PropylonError(
            "catalog.listing.invalid",
            "Correct the fields named in errors and try again.",
            kind=Kind.MALFORMED,
            errors=[FieldError("geography", "body", f"at most {longest} characters")],
        )
    changes = {name: value for name, value in given.items() if value is not None and value != getattr(product, name)}
    change_product(acting_user=acting_user, product=product, action="product.listing_changed", changes=changes)
