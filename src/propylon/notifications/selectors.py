"""Reading the outbox."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from propylon.kernel.errors import Kind, PropylonError
from propylon.notifications.models import Mail

STATES = {
    "queued": Q(next_attempt_at__isnull=False),
    "sent": Q(delivered_at__isnull=False),
    "failed": Q(next_attempt_at=None, delivered_at=None),
}


def outbox(*, to: str = "", state: str = "") -> QuerySet[Mail]:
    """All mails, or those to one address (stored in lower case), or in one of STATES."""
    found = Mail.objects.all()
    if state:
        found = found.filter(STATES.get(state, Q(pk__in=[])))
    return found.filter(to__iexact=to.strip()) if to else found


def mail(public_id: str) -> Mail:
    """Raises `mail.unknown`."""
    found = Mail.objects.filter(public_id=public_id).first()
    if found is None:
        raise PropylonError("mail.unknown", "There is no such mail in the outbox.", kind=Kind.NOT_FOUND)
    return found
