"""Ordering a certificate, and the operator's decision (straight line (d))."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from propylon.applications.models import Client
from propylon.certificates.actions.signing import locked_order, sign_order
from propylon.certificates.eligibility import require_eligible
from propylon.certificates.events import record_order
from propylon.certificates.mails import mail_refusal
from propylon.certificates.models import Order, OrderStatus
from propylon.certificates.qwac import chosen_roles
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.pki.signing_request import check_request
from propylon.sealing.entropy import new_public_id

_OPEN = (OrderStatus.REQUESTED, OrderStatus.APPROVED, OrderStatus.SIGNING)
_LONGEST_REASON = 400


def order_certificate(
    *, acting_user: Actor, client: Client, csr_pem: str = "", psd2_roles: Sequence[str] = ()
) -> Order:
    """An order for the client's next certificate. Without `csr_pem` the key is made here.

    `psd2_roles` make it a test certificate in the shape of a QWAC, in a sandbox (`certificate.roles.*`).

    Where the environment approves by itself the certificate is signed at once and its link mailed. Not to be called
    inside a transaction: the intent must be committed before anything is signed.
    Raises `certificate.csr.refused` with every finding, `certificate.order.*`.
    """
    order = store_order(
        acting_user=acting_user,
        client=client,
        csr_pem=csr_pem,
        is_approved=client.environment.approves_by_itself,
        psd2_roles=psd2_roles,
    )
    if order.status == OrderStatus.APPROVED:
        sign_order(acting_user=acting_user, order=order)
        order.refresh_from_db()
    return order


@transaction.atomic(durable=True)
def store_order(
    *, acting_user: Actor, client: Client, csr_pem: str, is_approved: bool, psd2_roles: Sequence[str] = ()
) -> Order:
    """The order as a row, checked, with its audit row; nothing is signed."""
    Client.objects.select_for_update().get(pk=client.pk)  # two orders at once wait for each other here
    common_name = require_eligible(client)
    roles = chosen_roles(client, psd2_roles)
    if csr_pem:
        csr_pem = check_request(csr_pem.encode(), common_name=common_name).pem
    if client.certificate_orders.filter(status__in=_OPEN).exists():
        raise PropylonError(
            "certificate.order.open_already",
            "This client has an order that waits for a decision or a signature. Wait for it, or have it refused.",
            kind=Kind.CONFLICT,
        )
    now = timezone.now()
    order = Order.objects.create(
        public_id=new_public_id("order"),
        client=client,
        status=OrderStatus.APPROVED if is_approved else OrderStatus.REQUESTED,
        csr_pem=csr_pem,
        psd2_roles=roles,
        requested_by=acting_user.identifier,
        requested_at=now,
        decided_at=now if is_approved else None,
    )
    Client.objects.filter(pk=client.pk, orders_certificate=True).update(orders_certificate=False)
    said = {"psd2_roles": roles} if roles else {}
    record_order(acting_user, "requested", order, has_csr=bool(csr_pem), is_approved=is_approved, **said)
    return order


def approve_order(*, acting_user: Actor, order: Order) -> Order:
    """Approve and sign. Raises `certificate.order.not_waiting` if it was decided before."""
    with transaction.atomic(durable=True):
        current = locked_order(order)
        if current.status != OrderStatus.REQUESTED:
            raise _not_waiting(current)
        current.status, current.decided_at = OrderStatus.APPROVED, timezone.now()
        current.save(update_fields=["status", "decided_at"])
        record_order(acting_user, "approved", current)
    sign_order(acting_user=acting_user, order=current)
    current.refresh_from_db()
    return current


@transaction.atomic
def refuse_order(*, acting_user: Actor, order: Order, reason: str) -> Order:
    """Refuse an order that is not issued yet, also one whose signing was interrupted; a key made for it is wiped.

    The people of the application get a mail with the reason.
    """
    if not reason.strip():
        raise PropylonError(
            "certificate.order.reason_missing",
            "Say why the order is refused; the partner reads it.",
            kind=Kind.MALFORMED,
            errors=[FieldError("reason", "body", "must not be empty")],
        )
    current = locked_order(order)
    if current.status not in _OPEN:
        raise _not_waiting(current)
    current.status, current.decided_at = OrderStatus.REFUSED, timezone.now()
    current.refusal_reason, current.key_sealed = reason.strip()[:_LONGEST_REASON], ""
    current.save(update_fields=["status", "decided_at", "refusal_reason", "key_sealed"])
    record_order(acting_user, "refused", current, reason=current.refusal_reason)
    if current.client.application.deleted_at is None:
        mail_refusal(current)
    return current


def _not_waiting(order: Order) -> PropylonError:
    return PropylonError(
        "certificate.order.not_waiting",
        f"Order {order.public_id} is {order.status} and no longer waits for this decision.",
        kind=Kind.CONFLICT,
    )
