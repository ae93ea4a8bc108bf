"""Certificate revocation lists, RFC 5280 section 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from propylon.pki.keys import digest_for

# Our word for a reason: its flag. A plain "unspecified" is left out of the entry, as section 5.3.1 asks.
REASONS: Mapping[str, x509.ReasonFlags | None] = MappingProxyType(
    {
        "unspecified": None,
        "key_compromise": x509.ReasonFlags.key_compromise,
        "affiliation_changed": x509.ReasonFlags.affiliation_changed,
        "superseded": x509.ReasonFlags.superseded,
        "cessation_of_operation": x509.ReasonFlags.cessation_of_operation,
        "privilege_withdrawn": x509.ReasonFlags.privilege_withdrawn,
    }
)


@dataclass(frozen=True, slots=True)
class Revocation:
    """One revoked certificate. `reason` is a key of REASONS."""

    serial: int
    revoked_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Edition:
    """Which list it is: its number, which only grows, and for how long it holds."""

    number: int
    this_update: datetime
    next_update: datetime


def build_crl(
    issuer: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    *,
    edition: Edition,
    revocations: Iterable[Revocation],
) -> x509.CertificateRevocationList:
    """The signed list of what `issuer` has revoked."""
    own_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(edition.this_update.replace(microsecond=0))
        .next_update(edition.next_update.replace(microsecond=0))
        .add_extension(x509.CRLNumber(edition.number), critical=False)
        .add_extension(authority_key, critical=False)
    )
    for revocation in revocations:
        builder = builder.add_revoked_certificate(_entry(revocation))
    return builder.sign(key, digest_for(key.public_key()), ecdsa_deterministic=True)


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(revocation.serial)
        .revocation_date(revocation.revoked_at.replace(microsecond=0))
    )
    if flag := REASONS[revocation.reason]:
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()
