"""Foreign authorities that the operator trusts: added from PEM or a trusted list, kept with their lists, removed.

What they issue passes the handshake of the mutual listener and proves nothing else: tokens are for certificates that
are registered with a client, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.utils import timezone

from propylon.certificates.actions.revocation import revoke_certificate
from propylon.certificates.events import record_anchor
from propylon.certificates.models import Authority, Certificate, TrustAnchor
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.findings import Finding, field_errors
from propylon.pki.pem import pem_of, read_certificate
from propylon.pki.trust_anchors import LARGEST_TEXT_BYTES, authority_findings, read_authorities, read_revocations
from propylon.pki.trusted_list import read_trusted_list
from propylon.sealing.entropy import new_public_id

_MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Added:
    """`known` were there before; `left_out` says of others of a trusted list why they are no anchors."""

    anchors: tuple[TrustAnchor, ...]
    known: int
    left_out: tuple[Finding, ...] = ()
    is_list: bool = False
    others: int = 0  # services of the list that issue no certificates for websites, or not any more


@dataclass(frozen=True, slots=True)
class _Offer:
    certificate: x509.Certificate
    name: str
    source: str


def add_trust_anchors(*, acting_user: Actor, data: bytes) -> Added:
    """`data`: certificates as PEM, all of which must do; or a trusted list (XML), of which those are taken that do.

    A list's signature is not verified. Raises `trust_anchor.refused` with every finding, and adds nothing then.
    """
    _check_size(data, "trust_anchor.refused")
    is_list = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return _add_list(acting_user, data) if is_list else _add_pem(acting_user, data)


def _add_pem(acting_user: Actor, data: bytes) -> Added:
    certificates, findings = read_authorities(data)
    good, bad = _sorted_out([_Offer(each, _name_of(each), "pem") for each in certificates])
    if findings or bad:
        raise _refused("trust_anchor.refused", [*findings, *bad])
    return Added(*_store(acting_user, good))


def _add_list(acting_user: Actor, data: bytes) -> Added:
    found = read_trusted_list(data, now=timezone.now())
    source = f"trusted list {found.territory}".strip()
    good, bad = _sorted_out([_Offer(each.certificate, each.name, source) for each in found.authorities])
    left_out = (*found.findings, *bad)
    if not good:
        empty = Finding("trusted_list.empty", "#", "It lists no authority for qualified website certificates now.")
        raise _refused("trust_anchor.refused", left_out or [empty])
    return Added(*_store(acting_user, good), left_out=left_out, is_list=True, others=found.others)


@transaction.atomic
def set_revocations(*, acting_user: Actor, anchor: TrustAnchor, data: bytes) -> TrustAnchor:
    """The anchor's newest list, PEM or DER; its first one puts it into force. An older one replaces no newer."""
    _check_size(data, "trust_anchor.list_refused")
    current = TrustAnchor.objects.select_for_update().get(pk=anchor.pk)
    crl, findings = read_revocations(data, of=read_certificate(current.certificate_pem), now=timezone.now())
    if crl is None:
        raise _refused("trust_anchor.list_refused", findings)
    if current.crl_next_update and crl.next_update_utc and crl.next_update_utc < current.crl_next_update:
        advice = "The list that is here already ends later. Get the newest one."
        raise _refused("trust_anchor.list_refused", [Finding("revocation_list.older", "#/nextUpdate", advice)])
    current.crl_pem, current.crl_next_update = pem_of(crl), crl.next_update_utc
    current.save(update_fields=["crl_pem", "crl_next_update"])
    record_anchor(acting_user, "revocation_list_set", current, entries=len(crl))
    _revoke_listed(acting_user, current, crl)
    return current


def _revoke_listed(acting_user: Actor, anchor: TrustAnchor, crl: x509.CertificateRevocationList) -> None:
    """What is registered and on the list is refused on open connections, too, and in tokens that are out."""
    registered = Certificate.objects.filter(is_own=True, revoked_at=None, chain_pem=anchor.certificate_pem)
    for certificate in registered.order_by("pk"):
        if crl.get_revoked_certificate_by_serial_number(int(certificate.serial, 16)) is not None:
            revoke_certificate(acting_user=acting_user, certificate=certificate, reason="unspecified")


@transaction.atomic
def remove_trust_anchor(*, acting_user: Actor, anchor: TrustAnchor) -> None:
    """New handshakes with its certificates fail within a second. A connection that is open lives on until it ends."""
    record_anchor(acting_user, "removed", anchor)
    anchor.delete()


@transaction.atomic
def _store(acting_user: Actor, offers: Sequence[_Offer]) -> tuple[tuple[TrustAnchor, ...], int]:
    """What was stored, and how many were there before."""
    stored, now = [], timezone.now()
    for offer in offers:
        certificate = offer.certificate
        anchor, is_new = TrustAnchor.objects.get_or_create(
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            defaults={
                "public_id": new_public_id("anchor"),
                "name": offer.name or _name_of(certificate),
                "subject_dn": certificate.subject.rfc4514_string()[:1000],
                "certificate_pem": pem_of(certificate),
                "not_after": certificate.not_valid_after_utc,
                "source": offer.source[:40],
                "added_by": acting_user.identifier,
                "added_at": now,
            },
        )
        if is_new:
            record_anchor(acting_user, "added", anchor, source=anchor.source)
            stored.append(anchor)
    return tuple(stored), len(offers) - len(stored)


def _sorted_out(offers: Sequence[_Offer]) -> tuple[list[_Offer], list[Finding]]:
    own = [read_certificate(row.certificate_pem).subject.public_bytes() for row in Authority.objects.all()]
    good, bad, now = [], [], timezone.now()
    for offer in offers:
        findings = authority_findings(offer.certificate, now=now, own_subjects=own)
        bad += [Finding(each.code, each.place, f"{offer.name[:80]!a}: {each.message}") for each in findings]
        if not findings:
            good.append(offer)
    return good, bad


def _name_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return "".join(each for each in text if each.isprintable())[:200].strip() or "unnamed"


def _check_size(data: bytes, code: str) -> None:
    if len(data) > LARGEST_TEXT_BYTES:
        raise _refused(code, [Finding("text.too_large", "#", f"At most {LARGEST_TEXT_BYTES} bytes are read.")])


def _refused(code: str, findings: Sequence[Finding]) -> PropylonError:
    errors = field_errors("text", findings[:_MOST_TOLD])
    if code == "trust_anchor.list_refused":
        return PropylonError(
            "trust_anchor.list_refused",
            "The revocation list was not taken, and the one before stays. Correct what is listed and try again.",
            kind=Kind.MALFORMED,
            errors=errors,
        )
    return PropylonError(
        "trust_anchor.refused",
        "Nothing was added. Correct what is listed and try again.",
        kind=Kind.MALFORMED,
        errors=errors,
    )
