"""The mail about a refused order; that of an issued one carries its link and is made with it."""

from __future__ import annotations

from django.conf import settings

from propylon.accounts.models import User
from propylon.certificates.models import Order
from propylon.notifications.actions import queue_mail


def mail_refusal(order: Order) -> None:
    """To the application's contact, and to who ordered if that is somebody else; in the caller's transaction."""
    client = order.client
    application = client.application
    contact = application.contact_email
    others = User.objects.filter(public_id=order.requested_by, is_active=True).exclude(email__iexact=contact)
    page = f"/apps/{application.public_id}/certificates?environment={client.environment.name}"
    for address in (contact, *others.values_list("email", flat=True)):
        queue_mail(
            to=address,
            subject=f"Certificate of {application.name} ({client.environment.name}): refused",
            body=(
                f"Hello,\n\nthe order for an identity certificate of {application.name} in {client.environment.title} "
                f"was refused. Certificates that it has already stay valid.\n\nReason: {order.refusal_reason}\n\n"
                f"Mend what the reason names, then order again:\n\n{settings.PROPYLON_PUBLIC_URL}{page}\n\n"
                f"Number of the order: {order.public_id}\n"
            ),
        )
