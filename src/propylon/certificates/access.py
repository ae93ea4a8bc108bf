"""Looking up orders and certificates with the permission checked; another organization's ids answer 404."""

from __future__ import annotations

from propylon.accounts.access import require, visible_organizations
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.models import Application
from propylon.certificates.models import Certificate, Order, TrustAnchor
from propylon.kernel.errors import Kind, PropylonError


def access_order(user: User, public_id: str, permission: Permission, *, within: Application | None = None) -> Order:
    """The order, if the user may know of it (else 404) and may do this (else 403); `within` an application if given."""
    order = (
        Order.objects.select_related("client__application__organization", "client__environment", "certificate")
        .filter(public_id=public_id, client__application__organization__in=visible_organizations(user))
        .first()
    )
    if order is None or (within is not None and order.client.application_id != within.pk):
        raise PropylonError("certificate.order.unknown", "There is no such order among yours.", kind=Kind.NOT_FOUND)
    require(user, permission, order.client.application.organization)
    return order


def access_certificate(
    user: User, public_id: str, permission: Permission, *, within: Application | None = None
) -> Certificate:
    """The certificate, with the same rules."""
    certificate = (
        Certificate.objects.select_related("client__application__organization", "order")
        .filter(public_id=public_id, client__application__organization__in=visible_organizations(user))
        .first()
    )
    if certificate is None or (within is not None and certificate.client.application_id != within.pk):
        raise PropylonError("certificate.unknown", "There is no such certificate among yours.", kind=Kind.NOT_FOUND)
    require(user, permission, certificate.client.application.organization)
    return certificate


def access_trust_anchor(user: User, public_id: str, permission: Permission) -> TrustAnchor:
    """The anchor, for staff (else 403)."""
    require(user, permission)
    anchor = TrustAnchor.objects.filter(public_id=public_id).first()
    if anchor is None:
        raise PropylonError("trust_anchor.unknown", "There is no such trust anchor.", kind=Kind.NOT_FOUND)
    return anchor
