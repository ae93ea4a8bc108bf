"""Publishing the revocation lists, long before they end: an expired CRL makes the gateway refuse everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from propylon.certificates.events import record_authority
from propylon.certificates.internal_ca import ISSUING, load_authority
from propylon.certificates.models import Authority, Certificate
from propylon.kernel.actor import SYSTEM, Actor
from propylon.pki.pem import pem_of
from propylon.pki.revocation_list import Edition, Revocation

# Revocations reach the gateway at once whatever these say. They bound how long it serves while the worker is down.
CRL_LIFETIME = timedelta(days=30)
CRL_RENEWAL = timedelta(days=23)  # renewed when less than this is left, so weekly
_CLOCK_SKEW = timedelta(minutes=5)


@transaction.atomic
def publish_crl(*, acting_user: Actor, kind: str, now: datetime) -> None:
    """Sign the next list of the authority `kind`; its commit rings the bell, and the gateway fetches it."""
    row = Authority.objects.select_for_update().get(kind=kind)
    edition = Edition(row.crl_number + 1, now - _CLOCK_SKEW, now + CRL_LIFETIME)
    revocations = list(_revocations(now)) if kind == ISSUING else []
    row.crl_pem = pem_of(load_authority(kind).list_revocations(edition, revocations))
    row.crl_number, row.crl_next_update = edition.number, edition.next_update
    row.save(update_fields=["crl_pem", "crl_number", "crl_next_update"])
    record_authority(acting_user, "crl_published", kind, number=edition.number, entries=len(revocations))


def renew_crls() -> None:
    """Publish again every list of which less than CRL_RENEWAL is left."""
    now = timezone.now()
    due = Authority.objects.filter(crl_next_update__lt=now + CRL_RENEWAL)
    for kind in list(due.values_list("kind", flat=True)):
        publish_crl(acting_user=SYSTEM, kind=kind, now=now)


def _revocations(now: datetime) -> Iterator[Revocation]:
    # An entry stays until a list was published after the certificate's end, RFC 5280 section 3.3.
    revoked = Certificate.objects.filter(is_own=False, revoked_at__isnull=False, not_after__gt=now - CRL_LIFETIME)
    for serial, revoked_at, reason in revoked.order_by("pk").values_list("serial", "revoked_at", "revocation_reason"):
        if revoked_at is not None:
            yield Revocation(int(serial, 16), revoked_at, reason)
