"""In which state a certificate is, and what can still be done with an order."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.certificates.models import Certificate, Order, OrderStatus

ENDS_SOON = timedelta(days=30)


def certificate_state(certificate: Certificate) -> str:
    """A name that the design system has a badge for."""
    now = timezone.now()
    if certificate.revoked_at is not None:
        return "revoked"
    if certificate.not_after <= now:
        return "expired"
    return "expiring" if certificate.not_after - now < ENDS_SOON else "valid"


def may_be_linked(order: Order) -> bool:
    """Is there still something to download: a certificate for one's own key, or a key that was not fetched yet?"""
    if order.status not in {OrderStatus.ISSUED, OrderStatus.DOWNLOADED} or not hasattr(order, "certificate"):
        return False
    return order.certificate.revoked_at is None and bool(order.csr_pem or order.key_sealed)
