"""The risk class of scopes: what a high one allows needs a customer who signed in more strongly (FEATURES O9)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from propylon.audit.actions import record_event
from propylon.catalog.models import Product, Scope
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.oauth.acr import RISKS


@transaction.atomic
def set_scope_risks(*, acting_user: Actor, product: Product, risks: Mapping[str, str]) -> None:
    """`risks`: scope to one of `RISKS`; a scope that is not named stays. It counts from the next consent on.

    Raises `catalog.scope.invalid`.
    """
    scopes = {scope.name: scope for scope in Scope.objects.select_for_update().filter(product=product)}
    mistakes = [FieldError(name, "body", "no scope of this product") for name in risks if name not in scopes]
    mistakes += [
        FieldError(name, "body", f"one of {', '.join(RISKS)}") for name, risk in risks.items() if risk not in RISKS
    ]
    if mistakes:
        raise PropylonError(
            "catalog.scope.invalid",
            "Correct the fields named in errors and try again.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    changes = {name: {"from": scopes[name].risk, "to": risk} for name, risk in risks.items()}
    changes = {name: change for name, change in changes.items() if change["from"] != change["to"]}
    if not changes:
        return
    for name, change in changes.items():
        Scope.objects.filter(pk=scopes[name].pk).update(risk=change["to"])
    record_event(
        acting_user=acting_user,
        action="product.risks_changed",
        object_kind="product",
        object_id=product.name,
        data=changes,
    )
