"""What a download holds: PKCS #12 (RFC 7292) in today's and in yesterday's encoding, or a zip of PEM files.

Salts and initialisation vectors are drawn inside `cryptography`; nothing else here depends on more than its arguments.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes

from propylon.kernel.certificate_files import CERTIFICATE_FILE, CHAIN_FILE, KEY_FILE
from propylon.pki.pem import chain_of, pem_of, private_pem

_MODERN_ROUNDS = 100_000
_LEGACY_ROUNDS = 50_000
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows: the same content gives the same file


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with what belongs to it. `key` is None when its owner made it and keeps it."""

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    key: PKCS12PrivateKeyTypes | None
    name: str


def pfx(identity: Identity, password: str, *, is_legacy: bool = False) -> bytes:
    """PKCS #12: PBES2 with AES-256 and SHA-256; `is_legacy` for programs that know only 3DES and SHA-1."""
    if identity.key is None:
        raise ValueError("a PKCS #12 file needs the private key")
    builder = PrivateFormat.PKCS12.encryption_builder()
    if is_legacy:
        builder = (
            builder.kdf_rounds(_LEGACY_ROUNDS)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303  (what the old readers read)
        )
    else:
        builder = (
            builder.kdf_rounds(_MODERN_ROUNDS)
            .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
        )
    encryption: serialization.KeySerializationEncryption = builder.build(password.encode())
    name = identity.name.encode()
    return pkcs12.serialize_key_and_certificates(
        name, identity.key, identity.certificate, list(identity.issuers), encryption
    )


def pem_zip(identity: Identity, *, password: str = "") -> bytes:
    """The certificate, the issuers above it and, if it is ours to give, the key, each in a file of its own."""
    files = {CERTIFICATE_FILE: pem_of(identity.certificate), CHAIN_FILE: chain_of(*identity.issuers)}
    if identity.key is not None:
        files[KEY_FILE] = private_pem(identity.key, password=password)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.external_attr = (0o600 if name == KEY_FILE else 0o644) << 16
            archive.writestr(entry, text)
    return target.getvalue()
