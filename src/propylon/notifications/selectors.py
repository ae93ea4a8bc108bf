"""Reading the outbox."""

from __future__ import annotations

from django.db.models import QuerySet

from propylon.kernel.errors import Kind, PropylonError
from propylon.notifications.models import Mail


def outbox(*, to: str = "") -> QuerySet[Mail]:
    """All mails, or those to one address."""
    found = Mail.objects.all()
    return found.filter(to__iexact=to.strip()) if to else found


def mail(public_id: str) -> Mail:
    """Raises `mail.unknown`."""
    found = Mail.objects.filter(public_id=public_id).first()
    if found is None:
        raise PropylonError("mail.unknown", "There is no such mail in the outbox.", kind=Kind.NOT_FOUND)
    return found
