"""Types of `authorization_details` (RFC 9396) that products have, and scopes whose consent names accounts."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.detail_type_wish import DetailTypeWish, wish_mistakes
from propylon.catalog.models import DetailType, Product, Scope
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError


@transaction.atomic
def add_detail_type(*, acting_user: Actor, product: Product, wish: DetailTypeWish) -> DetailType:
    """Raises `catalog.detail_type.invalid`."""
    taken = DetailType.objects.filter(name=wish.name).exists()
    _check(product, wish, [FieldError("name", "body", "taken by a type of this or another product")] if taken else [])
    row = DetailType(product=product, name=wish.name, created_at=timezone.now())
    _keep(acting_user, row, wish, "product.detail_type_added")
    return row


@transaction.atomic
def change_detail_type(*, acting_user: Actor, row: DetailType, wish: DetailTypeWish) -> None:
    """All of it but its name. Consents stay as they were given, and are shown in the new words.

    Raises `catalog.detail_type.invalid`.
    """
    renamed = wish.name != row.name
    _check(row.product, wish, [FieldError("name", "body", "stays: consents name it")] if renamed else [])
    _keep(acting_user, row, wish, "product.detail_type_changed")


@transaction.atomic
def remove_detail_type(*, acting_user: Actor, row: DetailType) -> None:
    """Nobody can ask for it any more, and new tokens of old consents come without it."""
    _record(acting_user, row, "product.detail_type_removed")
    row.delete()


@transaction.atomic
def set_asks_accounts(*, acting_user: Actor, scope: Scope, asks_accounts: bool) -> None:
    """Customers choose, or do not choose any more, which accounts a consent to the scope covers; old ones stay."""
    if scope.asks_accounts == asks_accounts:
        return
    scope.asks_accounts = asks_accounts
    scope.save(update_fields=["asks_accounts"])
    record_event(
        acting_user=acting_user,
        action="product.scope_changed",
        object_kind="product",
        object_id=scope.product.name,
        data={"scope": scope.name, "asks_accounts": asks_accounts},
    )


def _check(product: Product, wish: DetailTypeWish, mistakes: list[FieldError]) -> None:
    versions = frozenset(product.versions.values_list("version", flat=True))
    scopes = frozenset(product.scopes.values_list("name", flat=True))
    if found := mistakes + wish_mistakes(wish, versions=versions, scopes=scopes):
        raise PropylonError(
            "catalog.detail_type.invalid",
            "This is no type of authorization_details. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=found,
        )


def _keep(acting_user: Actor, row: DetailType, wish: DetailTypeWish, action: str) -> None:
    row.title, row.schema, row.account_member = wish.title, dict(wish.schema), wish.account_member
    row.scope = row.product.scopes.get(name=wish.scope) if wish.scope else None
    row.save()
    row.versions.set(row.product.versions.filter(version__in=wish.versions))
    _record(acting_user, row, action)


def _record(acting_user: Actor, row: DetailType, action: str) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="product",
        object_id=row.product.name,
        data={"type": row.name, "title": row.title, "versions": sorted(row.versions.values_list("version", flat=True))},
    )
