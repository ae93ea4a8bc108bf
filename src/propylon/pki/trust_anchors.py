"""Which foreign authorities may be trusted, and with which revocation lists (RFC 5280 sections 4.2.1.9, 5, 6.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from propylon.pki.findings import Finding
from propylon.pki.keys import key_mistake

LARGEST_TEXT_BYTES = 8 * 1024 * 1024
_MOST_IN_A_FILE = 200
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
_BAD_DIGESTS = (hashes.MD5, hashes.SHA1)


def read_authorities(data: bytes) -> tuple[list[x509.Certificate], list[Finding]]:
    """The certificates in PEM text, each once; what cannot be read is a finding."""
    blocks = _BLOCK.findall(data)
    if not blocks or len(blocks) > _MOST_IN_A_FILE:
        advice = f"Give 1 to {_MOST_IN_A_FILE} certificates as PEM (-----BEGIN CERTIFICATE-----); found {len(blocks)}."
        return [], [Finding("trust_anchor.unreadable", "#", advice)]
    found: dict[bytes, x509.Certificate] = {}
    findings = []
    for number, block in enumerate(blocks, 1):
        try:
            certificate = x509.load_pem_x509_certificate(block)
            found.setdefault(certificate.fingerprint(hashes.SHA256()), certificate)
        except _UNREADABLE:
            findings.append(Finding("trust_anchor.unreadable", f"#/{number}", "This certificate cannot be read."))
    return list(found.values()), findings


def authority_findings(
    certificate: x509.Certificate, *, now: datetime, own_subjects: Sequence[bytes]
) -> tuple[Finding, ...]:
    """Why it cannot be an anchor; `own_subjects` are DER names of this installation's authorities."""
    try:
        return tuple(_authority_findings(certificate, now, own_subjects))
    except _UNREADABLE:
        return (Finding("trust_anchor.unreadable", "#", "Its extensions or its key cannot be read."),)


def _authority_findings(certificate: x509.Certificate, now: datetime, own: Sequence[bytes]) -> Iterator[Finding]:
    if certificate.subject.public_bytes() in own:
        # Its list would stand for ours where only names are compared.
        advice = "It has the name of an authority of this installation. Those are trusted already, another is refused."
        yield Finding("trust_anchor.own_name", "#/subject", advice)
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        time = f"{certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}"
        yield Finding("trust_anchor.validity", "#/validity", f"It is valid from {time}, so not now.")
    if mistake := key_mistake(certificate.public_key()):
        yield Finding("trust_anchor.key", "#/subjectPublicKeyInfo", mistake)
    is_its_own = certificate.subject == certificate.issuer  # nobody relies on a root's own signature
    if not is_its_own and isinstance(certificate.signature_hash_algorithm, _BAD_DIGESTS):
        advice = "It is signed with a digest that can be forged. Ask its operator for a newer certificate."
        yield Finding("trust_anchor.signature", "#/signatureAlgorithm", advice)
    constraints = _extension(certificate, x509.BasicConstraints)
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        advice = "It is no authority (basicConstraints CA). Give the certificate of who issued it."
        yield Finding("trust_anchor.no_authority", "#/extensions/basicConstraints", advice)
    usage = _extension(certificate, x509.KeyUsage)
    if isinstance(usage, x509.KeyUsage) and not (usage.key_cert_sign and usage.crl_sign):
        advice = "Its key usage does not let it sign certificates and revocation lists."
        yield Finding("trust_anchor.key_usage", "#/extensions/keyUsage", advice)


def _extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def read_revocations(
    data: bytes, *, of: x509.Certificate, now: datetime
) -> tuple[x509.CertificateRevocationList | None, tuple[Finding, ...]]:
    """The revocation list in PEM or DER, if it is this authority's own, whole, and in its time."""
    try:
        crl = x509.load_pem_x509_crl(data) if b"-----BEGIN" in data else x509.load_der_x509_crl(data)
        findings = tuple(_revocation_findings(crl, of, now))
    except _UNREADABLE:
        advice = "This is no revocation list. Give an X.509 CRL as PEM (-----BEGIN X509 CRL-----) or DER."
        return None, (Finding("revocation_list.unreadable", "#", advice),)
    return (None if findings else crl), findings


def _revocation_findings(crl: x509.CertificateRevocationList, of: x509.Certificate, now: datetime) -> Iterator[Finding]:
    key = of.public_key()
    if crl.issuer.public_bytes() != of.subject.public_bytes():
        yield Finding("revocation_list.issuer", "#/issuer", "Another authority has issued this list.")
    elif not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) or not crl.is_signature_valid(key):
        yield Finding("revocation_list.signature", "#/signature", "The list is not signed by this authority's key.")
    if isinstance(crl.signature_hash_algorithm, _BAD_DIGESTS):
        yield Finding("revocation_list.digest", "#/signatureAlgorithm", "It is signed with a weak digest.")
    if crl.next_update_utc is None or crl.next_update_utc <= now:
        yield Finding("revocation_list.old", "#/nextUpdate", "It has ended, or does not say when. Get the newest one.")
    if crl.last_update_utc > now:
        yield Finding("revocation_list.early", "#/thisUpdate", "It is of a time to come.")
    for extension in crl.extensions:
        if isinstance(extension.value, x509.DeltaCRLIndicator | x509.IssuingDistributionPoint):
            advice = "It is a part of a list (delta or partitioned). Give the authority's whole list."
            yield Finding("revocation_list.partial", "#/extensions", advice)
