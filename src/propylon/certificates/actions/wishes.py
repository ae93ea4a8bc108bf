"""A certificate that was wished with the request for an application is ordered once the request is approved."""

from __future__ import annotations

import logging

from propylon.applications.models import Client, ClientStatus
from propylon.certificates.actions.orders import store_order
from propylon.certificates.actions.signing import sign_order
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import Kind, PropylonError

log = logging.getLogger(__name__)


def order_wished() -> None:
    """Order, sign and mail for every approved client that wished it.

    Who approved the client has approved this too, so that nobody decides twice. A crash before the order leaves the
    wish; one after it leaves an order that `resume_orders` signs. A wish that cannot come true any more is dropped.
    """
    wishing = Client.objects.filter(
        orders_certificate=True, status=ClientStatus.APPROVED, application__deleted_at=None
    ).select_related("application", "environment", "service_account")
    for client in wishing.order_by("pk"):
        try:
            order = store_order(acting_user=SYSTEM, client=client, csr_pem="", is_approved=True)
            sign_order(acting_user=SYSTEM, order=order)
        except PropylonError as error:
            log.warning("certificate.wish.failed", extra={"client_id": client.client_id, "code": error.code})
            if error.kind is Kind.CONFLICT:
                Client.objects.filter(pk=client.pk).update(orders_certificate=False)
