"""What calls of a product and of its operations must bring, how large they may be, and how long they may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction

from propylon.audit.actions import record_event
from propylon.catalog.actions.product_changes import change_product
from propylon.catalog.check_rules import acr_mistakes, age_mistakes, bound_mistakes, role_mistakes
from propylon.catalog.models import Operation, Plan, Product
from propylon.gateway.routing import STREAMS
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

_LISTS = ("plans", "psd2_roles", "acr_values")


class OperationRules(TypedDict, total=False):
    """What is not given, or None, stays as it is. A list names what is enough, one of it; an empty one asks nothing.

    `plans`: names; `psd2_roles`: of the certificate that the token is bound to; `acr_values`: how the customer was
    authenticated, `max_age`: within so many seconds, 0 for any time ago (RFC 9470); `requires_binding`: to a
    certificate or a key; `streams`: "answer", "websocket" or "".
    """

    plans: Sequence[str] | None
    psd2_roles: Sequence[str] | None
    acr_values: Sequence[str] | None
    max_age: int | None
    requires_binding: bool | None
    streams: str | None


class CallRules(TypedDict, total=False):
    """For all operations of a product. What is not given, or None, stays as it is; 0 is no bound of its own."""

    max_body_bytes: int | None
    max_answer_bytes: int | None
    timeout_ms: int | None
    requires_binding: bool | None


@transaction.atomic
def set_operation_access(
    *,
    acting_user: Actor,
    operation: Operation,
    is_public: bool,
    requires_certificate: bool,
    **rules: Unpack[OperationRules],
) -> None:
    """Opens an operation to callers without a token, or asks for a client certificate; and its further rules.

    Raises `catalog.operation.contradiction`, `catalog.operation.invalid`.
    """
    wanted: dict[str, Any] = {"is_public": is_public, "requires_certificate": requires_certificate}
    for name in OperationRules.__annotations__:
        given = rules.get(name)
        wanted[name] = getattr(operation, name) if given is None else _in_order(name, given)
    _check_access(operation, wanted)
    if all(getattr(operation, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(operation, name, value)
    operation.save()
    version = operation.product_version
    record_event(
        acting_user=acting_user,
        action="operation.access_changed",
        object_kind="product",
        object_id=version.product.name,
        data={"version": version.version, "operation": str(operation), **wanted},
    )


@transaction.atomic
def set_call_rules(*, acting_user: Actor, product: Product, **rules: Unpack[CallRules]) -> None:
    """Bounds of the product's own, and whether its tokens must be bound. Raises `catalog.rules.invalid`."""
    wanted = {name: getattr(product, name) for name in CallRules.__annotations__}
    changes = {name: value for name, value in rules.items() if value is not None and value != wanted[name]}
    if mistakes := bound_mistakes(wanted | changes):
        raise PropylonError(
            "catalog.rules.invalid",
            "These are no bounds for a product. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    change_product(acting_user=acting_user, product=product, action="product.rules_changed", changes=changes)


def _in_order(name: str, value: Any) -> Any:
    """Each once; of acr_values the first is what a client had best ask for, so their order stays."""
    if name == "acr_values":
        return list(dict.fromkeys(value))
    return sorted(set(value)) if name in _LISTS else value


def _check_access(operation: Operation, wanted: dict[str, Any]) -> None:
    asks = ("requires_certificate", "requires_binding", "max_age", *_LISTS)
    if wanted["is_public"] and any(wanted[name] for name in asks):
        raise PropylonError(
            "catalog.operation.contradiction",
            "An operation is public, or asks for a certificate, a bound token, a plan, a role or a sign-in, not both. "
            "Choose one.",
            kind=Kind.MALFORMED,
        )
    mistakes = [
        *role_mistakes(wanted["psd2_roles"]),
        *acr_mistakes(wanted["acr_values"]),
        *age_mistakes(wanted["max_age"]),
    ]
    if unknown := set(wanted["plans"]) - set(Plan.objects.values_list("name", flat=True)):
        mistakes.append(FieldError("plans", "body", f"names of plans; unknown: {', '.join(sorted(unknown))}"))
    if wanted["streams"] not in STREAMS or (wanted["streams"] == "websocket" and operation.method != "GET"):
        mistakes.append(FieldError("streams", "body", "answer, websocket (on GET), or empty"))
    if mistakes:
        raise PropylonError(
            "catalog.operation.invalid",
            "These are no rules for an operation. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
