"""Keeping what was changed of a product, with its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from propylon.audit.actions import record_event
from propylon.catalog.models import Product
from propylon.kernel.actor import Actor


def change_product(*, acting_user: Actor, product: Product, action: str, changes: Mapping[str, Any]) -> None:
    """Set and save the fields of `changes`; nothing happens if there are none. In the action's transaction."""
    if not changes:
        return
    before = {name: getattr(product, name) for name in changes}
    for name, value in changes.items():
        setattr(product, name, value)
    product.save(update_fields=list(changes))
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="product",
        object_id=product.name,
        data={name: {"from": before[name], "to": value} for name, value in changes.items()},
    )
