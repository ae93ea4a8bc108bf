"""Revoking a certificate: CRL for new connections, mark for those that are open (FEATURES C7)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from propylon.applications.models import ClientStatus
from propylon.certificates.actions.crls import publish_crl
from propylon.certificates.actions.download_links import end_links
from propylon.certificates.events import record_certificate
from propylon.certificates.internal_ca import ISSUING
from propylon.certificates.mails import mail_revocation
from propylon.certificates.models import Certificate, MadeFor, Order
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.actions import place_mark
from propylon.pki.revocation_list import REASONS


@transaction.atomic
def revoke_certificate(*, acting_user: Actor, certificate: Certificate, reason: str = "unspecified") -> Certificate:
    """Refused on 8444 within a second, for good. `reason` is a key of REASONS. Revoking twice changes nothing."""
    if reason not in REASONS:
        raise PropylonError(
            "certificate.revocation.reason_unknown",
            "Choose one of the reasons that a revocation list knows.",
            kind=Kind.MALFORMED,
            errors=[FieldError("reason", "body", f"one of {', '.join(REASONS)}")],
        )
    current = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("client__application__organization", "client__environment")
        .get(pk=certificate.pk)
    )
    if current.revoked_at is not None:
        return current
    now = timezone.now()
    current.revoked_at, current.revocation_reason = now, reason
    current.save(update_fields=["revoked_at", "revocation_reason"])
    _end_downloads(current)
    if current.not_after > now:
        place_mark(
            acting_user=acting_user,
            kind="certificate",
            value=current.fingerprint,
            reason="certificate revoked",
            lifetime=current.not_after - now,
        )
        if not current.is_own:  # another authority's list is its own affair; the mark refuses it here
            publish_crl(acting_user=acting_user, kind=ISSUING, now=now)
    record_certificate(acting_user, "revoked", current, reason=reason)
    if current.made_for == MadeFor.PARTNER and current.client.application.deleted_at is None:
        mail_revocation(current)
    return current


def revoke_orphans() -> None:
    """Revoke what belonged to an application that was deleted. Its tokens were refused from the deletion on."""
    is_gone = Q(client__application__deleted_at__isnull=False) | Q(client__status=ClientStatus.DELETED)
    left = Certificate.objects.filter(is_gone, revoked_at=None, not_after__gt=timezone.now())
    for certificate in left.order_by("pk"):
        revoke_certificate(acting_user=SYSTEM, certificate=certificate, reason="cessation_of_operation")


def _end_downloads(certificate: Certificate) -> None:
    if certificate.order is None:
        return
    Order.objects.filter(pk=certificate.order.pk).update(key_sealed="")
    end_links(certificate.order)
