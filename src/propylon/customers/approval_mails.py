"""The notice that a question waits. It holds no link: a customer who is used to such links is easily cheated."""

from __future__ import annotations

from datetime import UTC

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from propylon.customers.models import Approval, Customer
from propylon.notifications.actions import queue_mail


def tell_customer(row: Approval) -> None:
    """To the address that the directory has; without one the customer looks at the page by themselves."""
    customer = Customer.objects.filter(environment=row.environment, subject=row.subject).only("email", "name").first()
    if customer is None or not customer.email:
        return
    facts = {
        "name": customer.name,
        "application": row.application,
        "organization": row.organization,
        "message": row.binding_message,
        "until": row.expires_at.astimezone(UTC).strftime("%H:%M UTC"),
        "host": settings.PROPYLON_ISSUER_URL.partition("://")[2],
    }
    with override(settings.LANGUAGE_CODE):  # a client's call says nothing of the customer's language
        said = [
            _("Hello %(name)s,") % facts,
            _("%(application)s by %(organization)s asks for your approval, until %(until)s.") % facts,
            *([_("It shows you this text: %(message)s") % facts] if row.binding_message else []),
            _("Log in at the bank to answer: type %(host)s/oauth/approvals into your browser.") % facts,
            _("If you have not begun anything there, deny it. Nobody at the bank ever asks you to approve.") % facts,
        ]
        subject = _("%(application)s asks for your approval") % facts
    queue_mail(to=customer.email, subject=subject, body="\n\n".join(said) + "\n")
