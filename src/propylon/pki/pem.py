"""Certificates and keys as PEM text (RFC 7468)."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_ENCODING = serialization.Encoding.PEM


def pem_of(certificate: x509.Certificate | x509.CertificateRevocationList) -> str:
    return certificate.public_bytes(_ENCODING).decode()


def chain_of(*certificates: x509.Certificate) -> str:
    """One text, the leaf first, each certificate followed by the one that issued it."""
    return "".join(pem_of(certificate) for certificate in certificates)


def read_certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def private_pem(key: PrivateKeyTypes, *, password: str = "") -> str:
    """PKCS #8, encrypted if there is a password."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(_ENCODING, serialization.PrivateFormat.PKCS8, encryption).decode()


def read_private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """An EC key, unencrypted: the only ones that this house makes and keeps."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the keys of this house are EC keys")
    return key


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER in lower-case hex."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
