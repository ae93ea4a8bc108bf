"""What a certificate, a key and a signing request say, as plain values. A part that cannot be read is "", and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from propylon.pki.pem import fingerprint_of
from propylon.toolkit.contents import FoundKey
from propylon.toolkit.findings import printable

if TYPE_CHECKING:
    from propylon.pki.qc_statements import Qualification

MOST_NAMES = 20  # alternative names that are listed; a certificate may have thousands
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    AttributeError,
)
_QC_DER = bytes.fromhex("06082b06010505070103")
_USAGES = (
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "contentCommitment"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "cRLSign"),
)
_Value = TypeVar("_Value")
_Part = TypeVar("_Part", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """`algorithm` is RSA, EC, Ed25519 …; `detail` is "2048 bits" or the curve. `is_private`: it is here itself."""

    algorithm: str
    detail: str
    bits: int | None
    is_private: bool = False
    was_encrypted: bool | None = None

    def __str__(self) -> str:
        return f"{self.algorithm}, {self.detail}" if self.detail else self.algorithm


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Times in UTC; `serial` and `fingerprint` (SHA-256) in hex. `unreadable` names parts that could not be read."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime | None
    not_after: datetime | None
    key: KeyFacts
    signature: str
    version: int
    common_names: tuple[str, ...]
    usages: tuple[str, ...]
    names: tuple[str, ...]
    name_count: int
    is_authority: bool
    fingerprint: str
    unreadable: tuple[str, ...] = ()
    qualification: Qualification | None = None  # of QCStatements, where it has them

    @property
    def common_name(self) -> str:
        return self.common_names[0] if self.common_names else ""

    @property
    def label(self) -> str:
        """Short, for sentences."""
        return printable((self.common_name.strip() or self.subject or f"the certificate {self.serial}")[:80])

    def as_dict(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": self.serial,
            "validity": {"not_before": _iso(self.not_before), "not_after": _iso(self.not_after)},
            "key": {name: value for name, value in asdict(self.key).items() if value is not None},
            "usages": list(self.usages),
            "common_name": self.common_name,
            "names": list(self.names),
            "name_count": self.name_count,
            "signature": self.signature,
            "version": self.version,
            "is_authority": self.is_authority,
            "fingerprint_sha256": self.fingerprint,
            "psd2": self._psd2(),
        }

    def _psd2(self) -> dict[str, Any] | None:
        found = self.qualification
        if found is None:
            return None
        organization = found.organization_identifier
        return {
            "roles": list(found.roles),
            "types": list(found.types),
            "is_qualified": found.is_qualified,
            "nca_name": found.nca_name,
            "nca_id": found.nca_id,
            "organization_identifier": organization.text if organization else "",
        }


def certificate_facts(certificate: x509.Certificate, keys: tuple[FoundKey, ...] = ()) -> CertificateFacts:
    unreadable: list[str] = []

    def part(name: str, read: Callable[[], _Value], otherwise: _Value) -> _Value:
        try:
            return read()
        except _UNREADABLE:
            unreadable.append(name)
            return otherwise

    none: list[x509.Extension[x509.ExtensionType]] = []
    extensions = part("the list of extensions", lambda: list(certificate.extensions), none)
    no_names: list[str] = []
    names = part("the list of alternative names", lambda: _names(extensions), no_names)
    return CertificateFacts(
        subject=part("the subject", lambda: _name(certificate.subject), ""),
        issuer=part("the issuer", lambda: _name(certificate.issuer), ""),
        serial=part("the serial number", lambda: f"{certificate.serial_number:x}", ""),
        not_before=part("the start", lambda: certificate.not_valid_before_utc, None),
        not_after=part("the end", lambda: certificate.not_valid_after_utc, None),
        key=part("the key", lambda: _key_of(certificate, keys), KeyFacts("unknown", "", None)),
        signature=part("the signature's algorithm", lambda: _signature(certificate), "unknown"),
        version=3 if certificate.version is x509.Version.v3 else 1,
        common_names=part("the common name", lambda: _common_names(certificate.subject), ()),
        usages=part("the usages", lambda: usages_of(extensions), ()),
        names=tuple(names[:MOST_NAMES]),
        name_count=len(names),
        is_authority=is_authority(extensions),
        fingerprint=fingerprint_of(certificate),
        unreadable=tuple(unreadable),
        qualification=_qualification(certificate),
    )


def public_key_facts(key: object, *, is_private: bool = False, was_encrypted: bool | None = None) -> KeyFacts:
    """Of a public key."""
    if isinstance(key, rsa.RSAPublicKey):
        return KeyFacts("RSA", f"{key.key_size} bits", key.key_size, is_private, was_encrypted)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeyFacts("EC", key.curve.name, key.key_size, is_private, was_encrypted)
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return KeyFacts(type(key).__name__.removesuffix("PublicKey"), "", None, is_private, was_encrypted)
    return KeyFacts(type(key).__name__.removesuffix("PublicKey"), "", None, is_private, was_encrypted)


def request_facts(request: x509.CertificateSigningRequest) -> dict[str, Any]:
    """Of a signing request."""
    try:
        names, key = _common_names(request.subject), public_key_facts(request.public_key())
        subject = request.subject.rfc4514_string()
    except _UNREADABLE:
        names, key, subject = (), KeyFacts("unknown", "", None), ""
    return {
        "subject": subject,
        "common_name": names[0] if names else "",
        "key": {"algorithm": key.algorithm, "detail": key.detail},
    }


def extension_of(extensions: list[x509.Extension[x509.ExtensionType]], kind: type[_Part]) -> _Part | None:
    return next((each.value for each in extensions if isinstance(each.value, kind)), None)


def extensions_of(certificate: x509.Certificate) -> list[x509.Extension[x509.ExtensionType]]:
    """None of them where they cannot be read."""
    try:
        return list(certificate.extensions)
    except _UNREADABLE:
        return []


def usages_of(extensions: list[x509.Extension[x509.ExtensionType]]) -> tuple[str, ...]:
    """Key usages, then extended ones, by the names of RFC 5280."""
    plain = extension_of(extensions, x509.KeyUsage)
    extended = extension_of(extensions, x509.ExtendedKeyUsage)
    first = [title for name, title in _USAGES if plain and getattr(plain, name)]
    return (*first, *(_oid_name(oid) for oid in extended or ()))


def is_authority(extensions: list[x509.Extension[x509.ExtensionType]]) -> bool:
    constraints = extension_of(extensions, x509.BasicConstraints)
    return bool(constraints and constraints.ca)


def _key_of(certificate: x509.Certificate, keys: tuple[FoundKey, ...]) -> KeyFacts:
    public = certificate.public_key()
    fitting = next((key for key in keys if key.key.public_key() == public), None)
    encrypted = fitting.was_encrypted if fitting else None
    return public_key_facts(public, is_private=fitting is not None, was_encrypted=encrypted)


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()


def _signature(certificate: x509.Certificate) -> str:
    return _oid_name(certificate.signature_algorithm_oid)


def _common_names(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(each.value) for each in name.get_attributes_for_oid(NameOID.COMMON_NAME))


def _names(extensions: list[x509.Extension[x509.ExtensionType]]) -> list[str]:
    found = extension_of(extensions, x509.SubjectAlternativeName)
    return [printable(str(getattr(name, "value", name))[:200]) for name in found or ()]


def _oid_name(oid: x509.ObjectIdentifier) -> str:
    name: str = oid._name  # noqa: SLF001  (the library's own words; it has no public way to them)
    return oid.dotted_string if name == "Unknown OID" else name


def _qualification(certificate: x509.Certificate) -> Qualification | None:
    # Only where the extension is: reading it needs another library, whose import takes as long as all the rest.
    if _QC_DER not in certificate.public_bytes(Encoding.DER):
        return None
    from propylon.pki.qc_statements import read_qualification

    found = read_qualification(certificate)
    return found if found.is_present or found.findings else None


def _iso(when: datetime | None) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""
