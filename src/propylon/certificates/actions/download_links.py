"""One-time links (FEATURES C4): mailed to the application's contact; only the digest of the secret is stored."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.certificates.events import record_order
from propylon.certificates.models import DownloadLink, Order, OrderStatus
from propylon.certificates.selectors import key_gone_error
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail
from propylon.sealing.entropy import digest, new_secret

LINK_LIFETIME = timedelta(days=14)


@transaction.atomic
def create_download_link(*, acting_user: Actor, order: Order) -> DownloadLink:
    """Mail a new link; the ones before it end. Raises `certificate.key.gone` once a key made here was downloaded."""
    current = Order.objects.select_for_update().get(pk=order.pk)
    if current.status not in {OrderStatus.ISSUED, OrderStatus.DOWNLOADED}:
        raise PropylonError(
            "certificate.order.not_issued",
            f"Order {current.public_id} is {current.status}; there is a link once its certificate is issued.",
            kind=Kind.CONFLICT,
        )
    if current.certificate.revoked_at is not None:
        raise PropylonError("certificate.revoked", "This certificate was revoked. Order a new one.", kind=Kind.CONFLICT)
    if not current.csr_pem and not current.key_sealed:
        raise key_gone_error()
    return send_download_link(acting_user, current)


def send_download_link(acting_user: Actor, order: Order) -> DownloadLink:
    """The link and its mail, inside the caller's transaction."""
    now = timezone.now()
    end_links(order)
    secret = new_secret()
    link = DownloadLink.objects.create(
        order=order, digest=digest(secret), created_at=now, expires_at=now + LINK_LIFETIME
    )
    application = order.client.application
    queue_mail(
        to=application.contact_email,
        subject=f"Certificate of {application.name} ({order.client.environment.name})",
        body=_body(order, secret, link),
    )
    record_order(acting_user, "link_sent", order, expires_at=link.expires_at.isoformat())
    return link


def end_links(order: Order) -> None:
    """The links that were not used yet work no more."""
    now = timezone.now()
    order.download_links.filter(used_at=None, expires_at__gt=now).update(expires_at=now)


def _body(order: Order, secret: Secret, link: DownloadLink) -> str:
    certificate = order.certificate
    contents = "certificate" if order.csr_pem else "certificate and its private key"
    return (
        f"The identity certificate of {order.client.application.name} for the environment "
        f"{order.client.environment.name} is ready.\n\n"
        f"Service account (CN): {certificate.common_name}\n"
        f"Serial number: {certificate.serial}\n"
        f"Valid until: {certificate.not_after:%Y-%m-%d}\n\n"
        f"Download the {contents} here. The link works once, and until {link.expires_at:%Y-%m-%d}:\n\n"
        f"{settings.PROPYLON_PUBLIC_URL}/certificates/download?token={secret.reveal()}\n\n"
        "Whoever has this link has the certificate: do not pass the mail on. If the link has ended or was used by "
        "somebody else, ask for a new one on the application's page, and revoke the certificate in the latter case.\n"
    )
