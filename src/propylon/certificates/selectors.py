"""Reading certificates, orders, links, and what the gateway trusts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from propylon.applications.models import Client, ClientStatus
from propylon.certificates.internal_ca import ISSUING, ROOT
from propylon.certificates.models import Authority, Certificate, DownloadLink, MadeFor, Order
from propylon.gateway.model import Trust
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest


def gateway_trust() -> Trust:
    """Both authorities with their CRLs, issuing first; empty texts before `ensure_authorities`."""
    rows = {row.kind: row for row in Authority.objects.all()}
    present = [rows[kind] for kind in (ISSUING, ROOT) if kind in rows]
    return Trust(
        ca_pem="".join(row.certificate_pem for row in present),
        crl_pem="".join(row.crl_pem for row in present),
    )


def authority_row(kind: str) -> Authority | None:
    return Authority.objects.filter(kind=kind).first()


def active_certificate(fingerprint: str, *, at: datetime | None = None) -> Certificate | None:
    """The certificate with this fingerprint (hex, lower case), unless it is revoked, out of its time or orphaned."""
    now = at or timezone.now()
    return (
        Certificate.objects.select_related("client__application")
        .filter(
            fingerprint=fingerprint,
            revoked_at=None,
            not_before__lte=now,
            not_after__gt=now,
            client__status=ClientStatus.APPROVED,
            client__application__deleted_at=None,
        )
        .first()
    )


def certificates_of(client: Client, *, made_for: str = MadeFor.PARTNER) -> QuerySet[Certificate]:
    """Those that the partner holds; what the call console made for itself is asked for by name."""
    return Certificate.objects.filter(client=client, made_for=made_for).select_related("client", "order")


def orders_of(client: Client) -> QuerySet[Order]:
    return Order.objects.filter(client=client).select_related("client", "certificate")


def all_orders(*, status: str = "") -> QuerySet[Order]:
    """For the operator's queue."""
    orders = Order.objects.select_related("client", "certificate")
    return orders.filter(status=status) if status else orders


def open_link(secret: Secret) -> DownloadLink:
    """The link that still works, or the reason why it does not."""
    link = (
        DownloadLink.objects.select_related("order__client__application__organization", "order__certificate")
        .filter(digest=digest(secret))
        .first()
    )
    if link is None:
        raise PropylonError(
            "certificate.link.unknown",
            "There is no such link. Copy it from the mail as a whole, or ask for a new one on the application's page.",
            kind=Kind.NOT_FOUND,
        )
    if link.used_at is not None:
        raise used_link_error()
    if link.expires_at <= timezone.now():
        raise PropylonError(
            "certificate.link.expired",
            "This link has ended. Ask for a new one on the application's page.",
            kind=Kind.NOT_FOUND,
        )
    return link


def used_link_error() -> PropylonError:
    return PropylonError(
        "certificate.link.used",
        "This link works once, and it was used. If that was not you, revoke the certificate and order a new one.",
        kind=Kind.CONFLICT,
    )


def key_gone_error() -> PropylonError:
    return PropylonError(
        "certificate.key.gone",
        "The private key was handed out and is no longer kept here. Order a new certificate.",
        kind=Kind.CONFLICT,
    )
