"""A certificate that a partner brings (RFC 5280; PROTOCOL 3.3): read, and every reason why it cannot be an identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.pki.findings import Finding
from propylon.pki.keys import key_mistake
from propylon.pki.qc_statements import Qualification, read_qualification

LARGEST_BYTES = 64 * 1024
_MOST = 10
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
_BAD_DIGESTS = (hashes.MD5, hashes.SHA1)
_KNOWN = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An authority that is trusted, with its present revocation list."""

    certificate: x509.Certificate
    revocations: x509.CertificateRevocationList


@dataclass(frozen=True, slots=True)
class Expected:
    """`is_strict` is production's measure of qualified certificates, else a sandbox's."""

    common_name: str
    anchors: Sequence[Anchor]
    now: datetime
    is_strict: bool


@dataclass(frozen=True, slots=True)
class Brought:
    """`issuer` completes its chain. With `mistakes` it is no identity; `findings` are all that there is to say."""

    certificate: x509.Certificate | None
    issuer: x509.Certificate | None
    qualification: Qualification
    findings: tuple[Finding, ...]
    mistakes: tuple[Finding, ...]


def read_brought(data: bytes, expected: Expected) -> Brought:
    """`data`: PEM, DER or PKCS #7 (.p7b), with issuers or without. Never raises."""
    nothing = Qualification()
    if len(data) > LARGEST_BYTES:
        return _refused(Finding("own.too_large", "#", f"At most {LARGEST_BYTES} bytes are read."))
    if b"PRIVATE KEY-----" in data:
        advice = "This holds a private key, which is now known to others: have another certificate made for a new key."
        return _refused(Finding("own.private_key_included", "#", advice))
    leaves = _leaves(_read(data))
    if len(leaves) != 1:
        advice = f"Give one certificate as PEM, DER or .p7b, with or without its issuers; found {len(leaves)}."
        return _refused(Finding("own.unreadable", "#", advice))
    leaf = leaves[0]
    try:
        mistakes = [finding for rule in _RULES for finding in rule(leaf, expected)]
        issuer = _issuer(leaf, expected)
        mistakes += _of_issuer(leaf, issuer)
    except _UNREADABLE:
        advice = "Its extensions, its subject or its key cannot be read."
        return Brought(leaf, None, nothing, (), (Finding("own.unreadable", "#", advice),))
    qualification = read_qualification(leaf)
    told = qualification.findings
    mistakes += qualification.mistakes(is_strict=expected.is_strict)
    if qualification.is_present and qualification.types and "web" not in qualification.types:
        advice = "It is for seals or signatures (QSealC), not for connections. Give the website certificate (QWAC)."
        mistakes.append(Finding("own.seal", "#/extensions/qcStatements/QcType", advice))
    found = issuer.certificate if issuer else None
    return Brought(leaf, found, qualification, (*told, *mistakes), tuple(mistakes))


def _refused(finding: Finding) -> Brought:
    return Brought(None, None, Qualification(), (finding,), (finding,))


def _read(data: bytes) -> list[x509.Certificate]:
    for reader in _READERS:
        try:
            if found := reader(data):
                return found[:_MOST]
        except _UNREADABLE:
            continue
    return []


_READERS: tuple[Callable[[bytes], list[x509.Certificate]], ...] = (
    x509.load_pem_x509_certificates,
    lambda data: [x509.load_der_x509_certificate(data)],
    pkcs7.load_pem_pkcs7_certificates,
    pkcs7.load_der_pkcs7_certificates,
)


def _leaves(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Those that issued none of the others; one that is there twice counts once."""
    once = list({each.fingerprint(hashes.SHA256()): each for each in certificates}.values())
    if len(once) == 1:
        return once
    issuers = {each.issuer.public_bytes() for each in once if each.issuer != each.subject}
    return [each for each in once if each.subject.public_bytes() not in issuers and each.issuer != each.subject]


def _issuer(leaf: x509.Certificate, expected: Expected) -> Anchor | None:
    for anchor in expected.anchors:
        try:
            leaf.verify_directly_issued_by(anchor.certificate)
        except (InvalidSignature, *_UNREADABLE):
            continue
        return anchor
    return None


def _of_issuer(leaf: x509.Certificate, issuer: Anchor | None) -> Iterator[Finding]:
    if issuer is None:
        advice = "None of the trusted authorities has issued it directly. Ask the bank which providers it trusts."
        yield Finding("own.issuer.unknown", "#/issuer", advice)
    elif issuer.revocations.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None:
        yield Finding("own.revoked", "#/serialNumber", "Its issuer has revoked it. Have another one made.")


def _name(leaf: x509.Certificate, expected: Expected) -> Iterator[Finding]:
    names = [str(name.value) for name in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [expected.common_name]:
        shown = ", ".join(ascii(name[:80]) for name in names[:3]) or "missing"
        advice = f"The common name must be the service account's name, {expected.common_name}; it is {shown}."
        yield Finding("own.common_name", "#/subject/commonName", advice)


def _strength(leaf: x509.Certificate, _: Expected) -> Iterator[Finding]:
    if leaf.version is not x509.Version.v3:
        yield Finding("own.version", "#/version", "It is of version 1, without extensions. Version 3 is needed.")
    if mistake := key_mistake(leaf.public_key()):
        yield Finding("own.key", "#/subjectPublicKeyInfo", mistake)
    if isinstance(leaf.signature_hash_algorithm, _BAD_DIGESTS):
        yield Finding("own.signature", "#/signatureAlgorithm", "It is signed with a digest that can be forged.")


def _validity(leaf: x509.Certificate, expected: Expected) -> Iterator[Finding]:
    if leaf.not_valid_after_utc <= expected.now:
        yield Finding("own.expired", "#/validity", f"It ended on {leaf.not_valid_after_utc:%Y-%m-%d}.")
    if leaf.not_valid_before_utc > expected.now:
        yield Finding("own.early", "#/validity", f"It is valid from {leaf.not_valid_before_utc:%Y-%m-%d} on.")


def _usage(leaf: x509.Certificate, _: Expected) -> Iterator[Finding]:
    for extension in leaf.extensions:
        value = extension.value
        if extension.critical and not isinstance(value, _KNOWN):
            advice = f"It has a critical extension that is unknown here: {extension.oid.dotted_string}."
            yield Finding("own.extension.unknown", "#/extensions", advice)
        if isinstance(value, x509.BasicConstraints) and value.ca:
            yield Finding("own.authority", "#/extensions/basicConstraints", "It is an authority, no identity.")
        if isinstance(value, x509.KeyUsage) and not value.digital_signature:
            yield Finding("own.key_usage", "#/extensions/keyUsage", "Its key may not sign (digitalSignature).")
        if isinstance(value, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.CLIENT_AUTH not in value:
            advice = "It is not for clients: its extended key usage lacks clientAuth."
            yield Finding("own.extended_key_usage", "#/extensions/extKeyUsage", advice)


_Rule = Callable[[x509.Certificate, Expected], Iterator[Finding]]
_RULES: tuple[_Rule, ...] = (_name, _strength, _validity, _usage)
