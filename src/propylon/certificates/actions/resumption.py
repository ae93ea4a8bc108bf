"""What a crash has left between approval and certificate is finished, or refused with the reason."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from propylon.certificates.actions.orders import refuse_order
from propylon.certificates.actions.signing import sign_order
from propylon.certificates.models import Order, OrderStatus
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import Kind, PropylonError

log = logging.getLogger(__name__)

# Who is in the middle of signing needs no company: waiting a little leaves the mail to them.
PATIENCE = timedelta(seconds=30)


def resume_orders(*, patience: timedelta = PATIENCE) -> None:
    """Sign every order that was approved at least `patience` ago and has no certificate yet.

    An order that can no longer be signed (its application was deleted, its intent cannot be repeated) is refused; one
    that fails for now stays as it is.
    """
    interrupted = Order.objects.filter(
        status__in=(OrderStatus.APPROVED, OrderStatus.SIGNING), decided_at__lte=timezone.now() - patience
    )
    for order in interrupted.order_by("pk"):
        try:
            sign_order(acting_user=SYSTEM, order=order)
        except PropylonError as error:
            if error.kind is Kind.CONFLICT:
                refuse_order(acting_user=SYSTEM, order=order, reason=error.message)
            else:
                log.exception("certificate.order.stuck", extra={"order": order.public_id, "code": error.code})
