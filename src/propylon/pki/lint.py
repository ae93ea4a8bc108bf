"""Does a certificate keep its profile and RFC 5280? Asked of every certificate before it is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from propylon.pki.findings import Finding
from propylon.pki.keys import key_mistake
from propylon.pki.profiles import Profile
from propylon.pki.qc_statements import read_qualification

_LONGEST_SERIAL_BITS = 159  # 20 octets with a first bit of zero, RFC 5280 section 4.1.2.2
_SHORTEST_SERIAL_BITS = 64
_LONGEST_COMMON_NAME = 64  # RFC 5280 appendix A.1, ub-common-name
_SIGNATURES = (SignatureAlgorithmOID.ECDSA_WITH_SHA256, SignatureAlgorithmOID.ECDSA_WITH_SHA384)
KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def lint(certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate | None) -> tuple[Finding, ...]:
    """Everything that is wrong with it. `issuer` is None for a root, which is its own."""
    return tuple(finding for rule in _RULES for finding in rule(certificate, profile, issuer or certificate))


def _serial(certificate: x509.Certificate, _: Profile, __: x509.Certificate) -> Iterator[Finding]:
    if not _SHORTEST_SERIAL_BITS <= certificate.serial_number.bit_length() <= _LONGEST_SERIAL_BITS:
        yield Finding("lint.serial", "#/serialNumber", "a serial number is random, positive and has 8 to 20 octets")


def _validity(certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate) -> Iterator[Finding]:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start < end:
        yield Finding("lint.validity.empty", "#/validity", "it ends before it begins")
    if end - start + timedelta(seconds=1) > profile.lifetime:  # both ends count, RFC 5280 section 4.1.2.5
        yield Finding("lint.validity.long", "#/validity", f"longer than the profile's {profile.lifetime.days} days")
    if start < issuer.not_valid_before_utc or end > issuer.not_valid_after_utc:
        yield Finding("lint.validity.issuer", "#/validity", "its issuer is not valid for all that time")


def _names(certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate) -> Iterator[Finding]:
    if certificate.issuer.public_bytes() != issuer.subject.public_bytes():
        yield Finding("lint.issuer", "#/issuer", "the issuer is not the authority's subject")
    values = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(values) != 1 or not _is_plain(values[0]):
        yield Finding("lint.common_name", "#/subject", "one printable common name of 1 to 64 characters is needed")
    if (_extension(certificate, x509.SubjectAlternativeName) is not None) != profile.has_names:
        yield Finding("lint.names", "#/extensions/subjectAltName", f"a {profile.name} certificate differs")


def _is_plain(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_COMMON_NAME and name == name.strip() and name.isprintable()


def _keys(certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate) -> Iterator[Finding]:
    if certificate.signature_algorithm_oid not in _SIGNATURES:
        yield Finding("lint.signature", "#/signatureAlgorithm", "authorities sign by ECDSA with SHA-256 or SHA-384")
    if mistake := key_mistake(certificate.public_key()):
        yield Finding("lint.key", "#/subjectPublicKeyInfo", mistake)
    if profile.is_authority and not isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
        yield Finding("lint.key.authority", "#/subjectPublicKeyInfo", "authorities have EC keys")
    own = _extension(certificate, x509.SubjectKeyIdentifier)
    if own is None or own != x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()):
        yield Finding("lint.subject_key", "#/extensions/subjectKeyIdentifier", "it is not that of the key")
    of_issuer = _extension(issuer, x509.SubjectKeyIdentifier)
    named = _extension(certificate, x509.AuthorityKeyIdentifier)
    if of_issuer is None or named is None or named.key_identifier != of_issuer.digest:
        yield Finding("lint.authority_key", "#/extensions/authorityKeyIdentifier", "it is not that of the issuer")


def _usages(certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate) -> Iterator[Finding]:
    constraints = _extension(certificate, x509.BasicConstraints, critical=True)
    if constraints != x509.BasicConstraints(ca=profile.is_authority, path_length=profile.path_length):
        yield Finding("lint.basic_constraints", "#/extensions/basicConstraints", "not critical, or not the profile's")
    usage = _extension(certificate, x509.KeyUsage, critical=True)
    if usage is None or {name for name in KEY_USAGES if getattr(usage, name)} != profile.key_usages:
        yield Finding("lint.key_usage", "#/extensions/keyUsage", "not critical, or not the profile's")
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    if tuple(extended or ()) != profile.extended_key_usages:
        yield Finding("lint.extended_key_usage", "#/extensions/extKeyUsage", "not the profile's")
    above = _extension(issuer, x509.BasicConstraints)
    if above is None or not above.ca or (certificate != issuer and profile.is_authority and not above.path_length):
        yield Finding("lint.path", "#/issuer", "the issuer may not issue this")


def _qualification(certificate: x509.Certificate, profile: Profile, _: x509.Certificate) -> Iterator[Finding]:
    place = "#/extensions/qcStatements"
    found = read_qualification(certificate)
    yield from found.findings
    if found.is_present != profile.is_qualified:
        yield Finding("lint.qualification", place, f"a {profile.name} certificate differs")
    elif found.is_present and (found.types != ("web",) or not found.roles or found.organization_identifier is None):
        yield Finding("lint.qualification.incomplete", place, "type web, a role and the provider's number are needed")


def _extension(certificate: x509.Certificate, kind: type[_Extension], *, critical: bool = False) -> _Extension | None:
    try:
        found = certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
    return found.value if found.critical or not critical else None


_Rule = Callable[[x509.Certificate, Profile, x509.Certificate], Iterator[Finding]]
_RULES: tuple[_Rule, ...] = (_serial, _validity, _names, _keys, _usages, _qualification)
