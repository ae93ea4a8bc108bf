"""A certificate with its key at once, without mail and link: for what the installation sets up by itself."""

from __future__ import annotations

from django.db import transaction

from propylon.applications.models import Client
from propylon.certificates.actions.download_links import end_links
from propylon.certificates.actions.orders import store_order
from propylon.certificates.actions.signing import locked_order, sign_order
from propylon.certificates.events import record_order
from propylon.certificates.identity_keys import unseal_key
from propylon.certificates.models import Certificate, Order, OrderStatus
from propylon.certificates.selectors import key_gone_error
from propylon.kernel.actor import Actor
from propylon.pki.pem import private_pem


def issue_identity(*, acting_user: Actor, client: Client) -> tuple[str, str, Certificate]:
    """(Certificate and chain as PEM, unencrypted private key as PEM, the row), through the same steps as any order.

    Not to be called inside a transaction. If it is interrupted, the next call goes on with the same order; if nobody
    calls again, the worker finishes it and mails its link.
    """
    order = _interrupted(client) or store_order(acting_user=acting_user, client=client, csr_pem="", is_approved=True)
    certificate = sign_order(acting_user=acting_user, order=order, sends_link=False)
    key = _take_key(acting_user, order)
    return certificate.certificate_pem + certificate.chain_pem, key, certificate


def _interrupted(client: Client) -> Order | None:
    begun = (OrderStatus.APPROVED, OrderStatus.SIGNING)
    return Order.objects.filter(client=client, csr_pem="", status__in=begun).first()


@transaction.atomic(durable=True)
def _take_key(acting_user: Actor, order: Order) -> str:
    current = locked_order(order)
    if not current.key_sealed:
        raise key_gone_error()
    key = private_pem(unseal_key(current.key_sealed))
    current.key_sealed, current.status = "", OrderStatus.DOWNLOADED
    current.save(update_fields=["key_sealed", "status"])
    end_links(current)
    record_order(acting_user, "downloaded", current)
    return key
