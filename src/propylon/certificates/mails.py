"""Mails about a refused order and a revoked certificate; that of an issued one carries its link and is made with it."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from propylon.applications.mails import Told, developers, tell
from propylon.certificates.models import Certificate, Order


def mail_refusal(order: Order) -> None:
    """To the people of the application, in the caller's transaction."""
    client = order.client
    facts = {"name": client.application.name, "place": client.environment.title}
    page = f"/apps/{client.application.public_id}/certificates?environment={client.environment.name}"

    def told() -> Told:
        return _("%(name)s in %(place)s: certificate order refused") % facts, [
            _(
                "the order for an identity certificate of %(name)s in %(place)s was refused. "
                "Certificates that it has already stay valid."
            )
            % facts,
            _("Reason: %(reason)s") % {"reason": order.refusal_reason},
            _("Mend what the reason names, then order again:"),
            f"{settings.PROPYLON_PUBLIC_URL}{page}",
            _("Number of the order: %(number)s") % {"number": order.public_id},
        ]

    tell(developers(client), told)


def mail_revocation(certificate: Certificate) -> None:
    """To the people of the application, in the caller's transaction, whoever revoked it."""
    client = certificate.client
    facts = {
        "name": client.application.name,
        "place": client.environment.title,
        "serial": certificate.serial,
        "reason": certificate.revocation_reason.replace("_", " "),
    }
    page = f"/apps/{client.application.public_id}/certificates?environment={client.environment.name}"

    def told() -> Told:
        return _("%(name)s in %(place)s: certificate revoked") % facts, [
            _("the certificate of %(name)s in %(place)s with the serial number %(serial)s was revoked.") % facts,
            _("Calls and token requests with it are refused from now on: new connections end in the TLS handshake."),
            _("Reason: %(reason)s") % facts,
            _("If calls should go on, order a new one:"),
            f"{settings.PROPYLON_PUBLIC_URL}{page}",
        ]

    tell(developers(client), told)
