"""The consents of one customer of the bank, as the customer sees them (FEATURES O8)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from propylon.authserver.models import CustomerSession, Grant
from propylon.kernel.errors import Kind, PropylonError


def living_consents(session: CustomerSession) -> QuerySet[Grant]:
    """What applications may do now, the newest first."""
    return _consents(session).filter(revoked_at=None, expires_at__gt=timezone.now())


def ended_consents(session: CustomerSession) -> QuerySet[Grant]:
    """Withdrawn, or at their end."""
    return _consents(session).filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=timezone.now()))


def access_consent(session: CustomerSession, public_id: str) -> Grant:
    """One of the customer's own; another's is as unknown as one that is not there."""
    found = _consents(session).filter(public_id=public_id).first()
    if found is None:
        raise PropylonError("consent.unknown", "There is no such consent among yours.", kind=Kind.NOT_FOUND)
    return found


def _consents(session: CustomerSession) -> QuerySet[Grant]:
    rows = Grant.objects.select_related("client__application__organization", "client__environment")
    return rows.filter(subject=session.subject, client__environment__name=session.environment).order_by("-created_at")
