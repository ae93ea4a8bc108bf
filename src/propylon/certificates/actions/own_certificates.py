"""A certificate that a partner brings (FEATURES C3) becomes an identity of one client: this one and no other."""

from __future__ import annotations

from cryptography import x509
from django.db import transaction
from django.utils import timezone

from propylon.applications.models import Client
from propylon.certificates.eligibility import require_eligible
from propylon.certificates.events import record_certificate
from propylon.certificates.models import Certificate, TrustAnchor
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.findings import field_errors
from propylon.pki.own_certificate import Anchor, Brought, Expected, read_brought
from propylon.pki.pem import fingerprint_of, pem_of, read_certificate
from propylon.sealing.entropy import new_public_id

MOST_AT_ONCE = 5  # of a client's own: enough to overlap, and to give each of its machines one


@transaction.atomic
def register_own_certificate(*, acting_user: Actor, client: Client, data: bytes) -> tuple[Certificate, Brought]:
    """The certificate, beside those that the client has, and what was found about it.

    `data` is PEM, DER or PKCS #7. Production takes qualified ones strictly. Raises `certificate.own.*`.
    """
    Client.objects.select_for_update().get(pk=client.pk)
    name, now = require_eligible(client), timezone.now()
    is_strict = not client.environment.approves_by_itself
    found = read_brought(data, Expected(name, _anchors(), now, is_strict))
    if found.mistakes or found.certificate is None or found.issuer is None:
        raise PropylonError(
            "certificate.own.refused",
            "This certificate cannot be the service account's. Correct what is listed and bring another.",
            kind=Kind.MALFORMED,
            errors=field_errors("certificate", found.mistakes),
        )
    leaf = found.certificate
    if Certificate.objects.filter(fingerprint=fingerprint_of(leaf)).exists():
        raise PropylonError(
            "certificate.own.taken",
            "This certificate is registered already. Each counts for one client, once.",
            kind=Kind.CONFLICT,
        )
    if (
        Certificate.objects.filter(client=client, is_own=True, revoked_at=None, not_after__gt=now).count()
        >= MOST_AT_ONCE
    ):
        raise PropylonError(
            "certificate.own.too_many",
            f"A client has at most {MOST_AT_ONCE} certificates of its own at once. Revoke one that is no longer used.",
            kind=Kind.CONFLICT,
        )
    row = Certificate.objects.create(
        public_id=new_public_id("cert"),
        client=client,
        is_own=True,
        serial=f"{leaf.serial_number:040x}"[:40],
        fingerprint=fingerprint_of(leaf),
        common_name=name,
        subject_dn=leaf.subject.rfc4514_string()[:400],
        certificate_pem=pem_of(leaf),
        chain_pem=pem_of(found.issuer),
        psd2_roles=list(found.qualification.roles),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
    )
    record_certificate(acting_user, "registered", row, findings=[each.code for each in found.findings][:50])
    return row, found


def _anchors() -> list[Anchor]:
    """Those in force."""
    rows = TrustAnchor.objects.filter(crl_next_update__gt=timezone.now(), not_after__gt=timezone.now())
    return [Anchor(read_certificate(row.certificate_pem), x509.load_pem_x509_crl(row.crl_pem.encode())) for row in rows]
