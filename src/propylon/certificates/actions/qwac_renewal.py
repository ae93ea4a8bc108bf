"""Test certificates with roles are renewed by themselves: a sandbox that stands still must not cost anybody a day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from propylon.applications.models import ClientStatus
from propylon.certificates.actions.orders import store_order
from propylon.certificates.actions.signing import sign_order
from propylon.certificates.models import Certificate, MadeFor
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

log = logging.getLogger(__name__)

RENEWAL = timedelta(days=30)  # before the end; the old one goes on until its own


def renew_test_qwacs() -> None:
    """Order, sign and mail the next certificate with the same roles, for the same key if the partner holds it."""
    for certificate in _ending():
        client, order = certificate.client, certificate.order
        try:
            renewed = store_order(
                acting_user=SYSTEM,
                client=client,
                csr_pem=order.csr_pem if order else "",
                is_approved=True,
                psd2_roles=certificate.psd2_roles,
            )
            sign_order(acting_user=SYSTEM, order=renewed)
        except PropylonError as error:  # an open order, an application that changed: the next hour looks again
            log.info("certificate.renewal.waits", extra={"client_id": client.client_id, "code": error.code})


def _ending() -> Iterator[Certificate]:
    """The newest of each client with roles, if it ends soon: whoever revoked or replaced it wants no other."""
    now = timezone.now()
    soon = Certificate.objects.filter(
        made_for=MadeFor.PARTNER,
        order__isnull=False,
        revoked_at=None,
        not_after__gt=now,
        not_after__lte=now + RENEWAL,
        client__status=ClientStatus.APPROVED,
        client__application__deleted_at=None,
        client__environment__approves_by_itself=True,
    ).exclude(psd2_roles=[])
    for certificate in soon.select_related("client__environment", "client__application", "order").order_by("pk"):
        later = certificate.client.certificates.filter(made_for=MadeFor.PARTNER, not_after__gt=certificate.not_after)
        if not later.exclude(psd2_roles=[]).exists():
            yield certificate
