"""Reading certificates, orders, links, and what the gateway trusts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from propylon.applications.models import Client, ClientStatus
from propylon.certificates.internal_ca import ISSUING, ROOT
from propylon.certificates.models import Authority, Certificate, DownloadLink, MadeFor, Order, OrderStatus, TrustAnchor
from propylon.gateway.model import Trust
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest


def gateway_trust() -> Trust:
    """Both authorities with their CRLs, issuing first, then the anchors; empty texts before `ensure_authorities`.

    An anchor without a list is left out: as soon as there is any list, Envoy refuses all of an authority without one.
    """
    rows = {row.kind: row for row in Authority.objects.all()}
    present = [(rows[kind].certificate_pem, rows[kind].crl_pem) for kind in (ISSUING, ROOT) if kind in rows]
    if present:
        anchors = TrustAnchor.objects.exclude(crl_pem="").order_by("pk")
        present += anchors.values_list("certificate_pem", "crl_pem")
    return Trust(ca_pem="".join(pem for pem, _ in present), crl_pem="".join(crl for _, crl in present))


def trust_anchors() -> QuerySet[TrustAnchor]:
    """For lists: without the texts."""
    return TrustAnchor.objects.defer("certificate_pem", "crl_pem")


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


def active_certificates_of(client: Client) -> QuerySet[Certificate]:
    """Those of the partner that calls may be made with now."""
    now = timezone.now()
    return certificates_of(client).filter(revoked_at=None, not_before__lte=now, not_after__gt=now)


def orders_of(client: Client) -> QuerySet[Order]:
    return Order.objects.filter(client=client).select_related("client", "certificate")


def things_of_order(order: Order) -> list[tuple[str, str]]:
    """What the event log knows an order by, and its certificate: (kind, public id)."""
    certificate = [("certificate", order.certificate.public_id)] if hasattr(order, "certificate") else []
    return [("certificate_order", order.public_id), *certificate]


def things_of(clients: Iterable[Client]) -> list[tuple[str, str]]:
    """The same for all orders and certificates of these clients."""
    chosen = list(clients)
    orders = Order.objects.filter(client__in=chosen).values_list("public_id", flat=True)
    certificates = Certificate.objects.filter(client__in=chosen, made_for=MadeFor.PARTNER)
    return [
        *(("certificate_order", each) for each in orders),
        *(("certificate", each) for each in certificates.values_list("public_id", flat=True)),
    ]


def all_orders(*, status: str = "") -> QuerySet[Order]:
    """For the operator's queue."""
    orders = Order.objects.select_related("client__application__organization", "client__environment", "certificate")
    return orders.filter(status=status) if status else orders


def waiting_orders() -> QuerySet[Order]:
    """Orders that wait for the operator's decision."""
    return Order.objects.filter(status=OrderStatus.REQUESTED, client__application__deleted_at=None)


@dataclass(frozen=True, slots=True)
class CertificateSearch:
    """What to leave out of the inventory; "" and None mean all.

    `text` is a part of the common name, or a whole serial number, fingerprint or client id. `state` is active, revoked
    or expired; `ends_within` counts days from now and leaves out what has ended or was revoked.
    """

    text: str = ""
    state: str = ""
    ends_within: int | None = None
    made_for: str = MadeFor.PARTNER

    def apply(self, found: QuerySet[Certificate]) -> QuerySet[Certificate]:
        now = timezone.now()
        if self.made_for:
            found = found.filter(made_for=self.made_for)
        if self.text:
            text = self.text.strip()
            exact = Q(serial=text.lower()) | Q(fingerprint=text.lower()) | Q(client__client_id=text)
            found = found.filter(Q(common_name__icontains=text) | exact)
        if self.state == "revoked":
            found = found.filter(revoked_at__isnull=False)
        elif self.state:
            is_active = self.state == "active"
            found = found.filter(revoked_at=None, **{"not_after__gt" if is_active else "not_after__lte": now})
        if self.ends_within is not None:
            end = now + timedelta(days=self.ends_within)
            found = found.filter(revoked_at=None, not_after__gt=now, not_after__lte=end)
        return found


def certificates() -> QuerySet[Certificate]:
    """Everybody's, for lists: without the texts."""
    return Certificate.objects.select_related("client__application__organization", "client__environment").defer(
        "certificate_pem", "chain_pem"
    )


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
