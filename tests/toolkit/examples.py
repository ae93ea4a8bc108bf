"""Certificates of all sorts, made by code: good ones, and those of the wild."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.toolkit.contents import Contents, NamedFile
from propylon.toolkit.inspection import Inspection, inspect
from propylon.toolkit.reading import read_files

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
PASSWORD = "hemligt lösenord"
SERVICE_ACCOUNT = "svcNordicPayV01"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate with its key and those above it."""

    certificate: x509.Certificate
    key: Any
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        return b"".join(each.public_bytes(Encoding.PEM) for each in self.issuers)

    @property
    def key_pem(self) -> bytes:
        return key_pem(self.key)

    def pfx(self, password: str = PASSWORD, **options: Any) -> bytes:
        return pkcs12.serialize_key_and_certificates(
            b"identity", self.key, self.certificate, list(self.issuers), pfx_encryption(password, **options)
        )


def pfx_encryption(password: str, *, is_legacy: bool = False, rounds: int = 2000) -> Any:
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
    if is_legacy:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
    else:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    return builder.build(password.encode())


def key_pem(key: Any, password: str = "", form: Any = serialization.PrivateFormat.PKCS8) -> bytes:
    encryption: Any = serialization.BestAvailableEncryption(password.encode()) if password else None
    return bytes(key.private_bytes(Encoding.PEM, form, encryption or serialization.NoEncryption()))


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1000 + number, ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Wish:
    """What is to be different from a good client certificate."""

    names: Sequence[tuple[x509.ObjectIdentifier, str]] = (
        (NameOID.COMMON_NAME, SERVICE_ACCOUNT),
        (NameOID.COUNTRY_NAME, "SE"),
    )
    start: datetime = NOW - timedelta(days=30)
    end: datetime = NOW + YEAR
    key: Callable[[], Any] = ec_key
    serial: int = 0x4711
    usages: Sequence[str] = ("digital_signature",)
    extended: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.CLIENT_AUTH,)
    more: Sequence[tuple[x509.ExtensionType, bool]] = field(default_factory=tuple)
    with_extensions: bool = True


def name_of(pairs: Sequence[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name(
            [x509.NameAttribute(oid, value, _validate=oid != NameOID.COUNTRY_NAME) for oid, value in pairs]
        )


@cache
def authorities() -> tuple[Made, Made]:
    """Root and issuing CA."""
    root_key, key = ec_key(1), ec_key(2)
    root = _authority("Nordic Root", root_key.public_key(), "Nordic Root", root_key)
    issuing = _authority("Nordic Issuing", key.public_key(), "Nordic Root", root_key)
    return Made(root, root_key), Made(issuing, key, (root,))


def _authority(name: str, public: Any, issuer: str, issuer_key: Any) -> x509.Certificate:
    start = NOW - 5 * YEAR
    builder = _builder(
        name_of([(NameOID.COMMON_NAME, name)]),
        public,
        name_of([(NameOID.COMMON_NAME, issuer)]),
        start,
        start + 10 * YEAR,
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.add_extension(_usage(("key_cert_sign", "crl_sign")), critical=True).sign(issuer_key, hashes.SHA256())


def made(wish: Wish | None = None, *, self_signed: bool = False) -> Made:
    """Issued by the issuing CA, or signed by its own key."""
    wish = wish or Wish()
    key, subject = wish.key(), name_of(wish.names)
    issuing = authorities()[1]
    issuer, issuer_key = (subject, key) if self_signed else (issuing.certificate.subject, issuing.key)
    builder = _builder(subject, key.public_key(), issuer, wish.start, wish.end, wish.serial)
    if wish.with_extensions:
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(wish.usages), critical=True)
        if wish.extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(wish.extended)), critical=False)
    for extension, is_critical in wish.more:
        builder = builder.add_extension(extension, critical=is_critical)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    return Made(certificate, key, () if self_signed else (issuing.certificate, *issuing.issuers))


def _builder(
    subject: x509.Name, public: Any, issuer: x509.Name, start: datetime, end: datetime, serial: int = 0x4711
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _usage(names: Sequence[str]) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    )
    return x509.KeyUsage(**{name: name in names for name in every}, encipher_only=False, decipher_only=False)


def contents_of(*data: bytes, passwords: Sequence[str] = ()) -> Contents:
    return read_files([NamedFile(f"file{number}", each) for number, each in enumerate(data)], passwords)


def looked_at(*data: bytes, passwords: Sequence[str] = (), **options: Any) -> Inspection:
    return inspect(contents_of(*data, passwords=passwords), now=options.pop("now", NOW), **options)


def codes(found: Inspection) -> set[str]:
    return {each.code for each in found.findings}
