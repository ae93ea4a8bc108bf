"""In which state a certificate is, and what can still be done with an order."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation import gettext_lazy

from propylon.certificates.models import Certificate, Order, OrderStatus

REASON_WORDS = MappingProxyType(
    {
        "unspecified": gettext_lazy("No particular reason"),
        "key_compromise": gettext_lazy("The private key may be in wrong hands"),
        "affiliation_changed": gettext_lazy("It belongs to another organization now"),
        "superseded": gettext_lazy("A new certificate takes its place"),
        "cessation_of_operation": gettext_lazy("It is no longer used"),
        "privilege_withdrawn": gettext_lazy("It may no longer be used"),
    }
)
ENDS_SOON = timedelta(days=30)


def certificate_state(certificate: Certificate) -> str:
    """A name that the design system has a badge for."""
    now = timezone.now()
    if certificate.revoked_at is not None:
        return "revoked"
    if certificate.not_after <= now:
        return "expired"
    return "expiring" if certificate.not_after - now < ENDS_SOON else "valid"


def revocation_reason(certificate: Certificate) -> str:
    """In words; "" unless it is revoked."""
    reason = certificate.revocation_reason
    return str(REASON_WORDS.get(reason, reason.replace("_", " ")))


def may_be_linked(order: Order) -> bool:
    """Is there still something to download: a certificate for one's own key, or a key that was not fetched yet?"""
    if order.status not in {OrderStatus.ISSUED, OrderStatus.DOWNLOADED} or not hasattr(order, "certificate"):
        return False
    return order.certificate.revoked_at is None and bool(order.csr_pem or order.key_sealed)
