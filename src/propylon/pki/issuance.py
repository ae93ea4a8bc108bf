"""Prepare → lint → sign (RFC 5280): what can be signed has been linted, and signing twice gives the same bytes.

A certificate is first signed with a key that everybody knows, so that the linter sees all of it as it will be.
Only then does `Prepared` exist, and nothing else can be signed. Signatures are deterministic (RFC 6979): an order
that is finished again after a crash ends in the very same certificate.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.findings import field_errors
from propylon.pki.keys import AcceptedPublicKey, digest_for
from propylon.pki.lint import KEY_USAGES, lint
from propylon.pki.profiles import Profile
from propylon.pki.qc_asn1 import QC_STATEMENTS, QcWords, statements_der

_PROOF = object()
_QC_STATEMENTS = x509.ObjectIdentifier(QC_STATEMENTS)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who stands behind a qualified one. `identifier` is "PSDSE-FINA-12345"; `country` has two letters."""

    country: str
    organization: str
    identifier: str
    words: QcWords


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is for. `names` (DNS names, addresses) and `holder` are for profiles that have them."""

    common_name: str
    public_key: AcceptedPublicKey
    names: Sequence[str] = ()
    holder: Holder | None = None
    named: tuple[str, str] | None = None  # a client's own name: kind (dns, uri, ip, email) and value


@dataclass(frozen=True, slots=True)
class Prepared:
    """A certificate that lacks only its authority's signature. Only `prepare` makes one, after the lint."""

    tbs: bytes  # DER of the TBSCertificate
    _builder: x509.CertificateBuilder
    _issuer_key: ec.EllipticCurvePublicKey
    _proof: object

    def __post_init__(self) -> None:
        if self._proof is not _PROOF:
            raise TypeError("prepare() makes these")

    @property
    def tbs_digest(self) -> str:
        """SHA-256 in hex: what the intent records."""
        return hashlib.sha256(self.tbs).hexdigest()


def prepare(
    profile: Profile, subject: Subject, *, serial: int, not_before: datetime, issuer: x509.Certificate | None
) -> Prepared:
    """The certificate-to-be, linted. `issuer` is None for a root. Raises `certificate.lint.failed`."""
    issuer_key = issuer.public_key() if issuer else subject.public_key
    if not isinstance(issuer_key, ec.EllipticCurvePublicKey):
        raise TypeError("authorities of this house have EC keys")
    builder = _builder(profile, subject, serial, not_before.replace(microsecond=0), issuer)
    # The lint key is the number 1 on the issuer's curve: no secret, and nobody trusts it.
    lint_key = ec.derive_private_key(1, issuer_key.curve)
    draft = builder.sign(lint_key, digest_for(issuer_key), ecdsa_deterministic=True)
    if findings := lint(draft, profile, issuer):
        raise PropylonError(
            "certificate.lint.failed",
            "The certificate would break its profile and was not signed. Tell support the trackingId.",
            kind=Kind.UNAVAILABLE,
            errors=field_errors("certificate", findings),
        )
    return Prepared(draft.tbs_certificate_bytes, builder, issuer_key, _PROOF)


def sign(prepared: Prepared, issuer_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The certificate. The same `prepared` gives the same bytes however often it is signed."""
    if issuer_key.public_key() != prepared._issuer_key:  # noqa: SLF001  (this module owns Prepared)
        raise ValueError("this is not the key of the authority that the certificate names")
    certificate = prepared._builder.sign(  # noqa: SLF001
        issuer_key, digest_for(issuer_key.public_key()), ecdsa_deterministic=True
    )
    if certificate.tbs_certificate_bytes != prepared.tbs:
        raise ValueError("what was signed is not what was linted")
    return certificate


def _builder(
    profile: Profile, subject: Subject, serial: int, not_before: datetime, issuer: x509.Certificate | None
) -> x509.CertificateBuilder:
    name = _name(subject)
    own_key = x509.SubjectKeyIdentifier.from_public_key(subject.public_key)
    # Both ends of a validity count (RFC 5280 section 4.1.2.5); nothing outlives its issuer.
    not_after = not_before + profile.lifetime - timedelta(seconds=1)
    builder = (
        x509.CertificateBuilder()
        .serial_number(serial)
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(subject.public_key)
        .not_valid_before(not_before)
        .not_valid_after(min(not_after, issuer.not_valid_after_utc) if issuer else not_after)
        .add_extension(x509.BasicConstraints(profile.is_authority, profile.path_length), critical=True)
        .add_extension(_key_usage(profile), critical=True)
        .add_extension(own_key, critical=False)
        .add_extension(_authority_key(issuer, own_key), critical=False)
    )
    if profile.extended_key_usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(profile.extended_key_usages), critical=False)
    if subject.names or subject.named:
        own = [_NAMED[subject.named[0]](subject.named[1])] if subject.named else []
        names = x509.SubjectAlternativeName([*(_general_name(name) for name in subject.names), *own])
        builder = builder.add_extension(names, critical=False)
    if subject.holder:
        statements = x509.UnrecognizedExtension(_QC_STATEMENTS, statements_der(subject.holder.words))
        builder = builder.add_extension(statements, critical=False)
    return builder


def _name(subject: Subject) -> x509.Name:
    common_name = x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name)
    if (holder := subject.holder) is None:
        return x509.Name([common_name])
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, holder.country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder.organization),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, holder.identifier),
            common_name,
        ]
    )


def _key_usage(profile: Profile) -> x509.KeyUsage:
    usages = {name: name in profile.key_usages for name in KEY_USAGES}
    return x509.KeyUsage(**usages, encipher_only=False, decipher_only=False)


def _authority_key(issuer: x509.Certificate | None, own_key: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    of_issuer = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value if issuer else own_key
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_issuer)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


_NAMED: Mapping[str, Callable[[str], x509.GeneralName]] = MappingProxyType(
    {
        "dns": x509.DNSName,
        "uri": x509.UniformResourceIdentifier,
        "ip": lambda value: x509.IPAddress(ipaddress.ip_address(value)),
        "email": x509.RFC822Name,
    }
)
