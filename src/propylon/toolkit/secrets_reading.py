"""What a password may protect: PKCS #12 (RFC 7292), private keys (PKCS #1, #8, SEC 1), old PEM (RFC 1421)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key, pkcs12

from propylon.toolkit.contents import FoundKey, ReadFile
from propylon.toolkit.encryption import MOST_ROUNDS, encryption_of
from propylon.toolkit.findings import finding
from propylon.toolkit.pem_blocks import Block, blocks

_REFUSED = (ValueError, TypeError, UnsupportedAlgorithm, OverflowError)
_OLD_PEM = "DES or another cipher of old PEM"


class SecondOpinion(Protocol):
    """Another program that may know what we do not: the decrypted PEM, or None."""

    def __call__(self, form: str, data: bytes, password: str) -> bytes | None:
        """`form` is "pkcs12" or "key"."""
        ...


@dataclass(frozen=True, slots=True)
class SecretsReader:
    """Tries passwords; says why it stays closed."""

    passwords: Sequence[str] = ()
    second_opinion: SecondOpinion | None = None

    def pkcs12(self, read: ReadFile, data: bytes) -> None:
        read.format = "PKCS #12 (.pfx, .p12)"
        if not self._may_try(read, data):
            return
        for password in ("", *self.passwords):
            try:
                found = pkcs12.load_pkcs12(data, password.encode())
            except _REFUSED:
                continue
            certificates = [found.cert, *found.additional_certs]
            self._keep(read, found.key, [each.certificate for each in certificates if each], password)
            return
        if not self._by_second_opinion("pkcs12", read, data):
            self._stays_closed(read)

    def encrypted_key(self, read: ReadFile, data: bytes) -> None:
        read.format = "encrypted private key (PKCS #8)"
        if self._may_try(read, data):
            self._key(read, data, lambda password: load_der_private_key(data, password.encode()))

    def old_pem_key(self, read: ReadFile, block: Block) -> None:
        data = block.text.encode()
        read.encryption = _OLD_PEM if "DES-CBC," in block.text else "AES"
        self._key(read, data, lambda password: load_pem_private_key(data, password.encode()))

    def plain_key(self, read: ReadFile, data: bytes) -> None:
        read.format = "private key"
        try:
            key = load_der_private_key(data, None)
        except _REFUSED:
            read.findings.append(finding("key.unreadable", file=read.name))
            return
        read.keys.append(FoundKey(key, read.name))
        read.findings.append(finding("key.unprotected", file=read.name))

    def _key(self, read: ReadFile, data: bytes, load: Callable[[str], PrivateKeyTypes]) -> None:
        for password in self.passwords:
            try:
                self._keep(read, load(password), [], password)
            except _REFUSED:
                continue
            return
        if not self._by_second_opinion("key", read, data):
            self._stays_closed(read)

    def _may_try(self, read: ReadFile, data: bytes) -> bool:
        encryption = encryption_of(data)
        read.encryption = str(encryption)
        if encryption.rounds > MOST_ROUNDS:
            costly = finding("encryption.costly", file=read.name, rounds=encryption.rounds, limit=MOST_ROUNDS)
            read.findings.append(costly)
            return False
        if encryption.is_old:
            read.findings.append(finding("encryption.old", file=read.name, encryption=encryption))
        return True

    def _by_second_opinion(self, form: str, read: ReadFile, data: bytes) -> bool:
        for password in self.passwords if self.second_opinion else ():
            text = self.second_opinion(form, data, password) if self.second_opinion else None
            if text is None:
                continue
            certificates, key = [], None
            for block in blocks(text.decode("latin-1")):
                if block.der and block.label.endswith("PRIVATE KEY"):
                    key = load_der_private_key(block.der, None)
                elif block.der:
                    certificates.append(x509.load_der_x509_certificate(block.der))
            self._keep(read, key, certificates, password)
            return True
        return False

    def _keep(
        self, read: ReadFile, key: PrivateKeyTypes | None, certificates: list[x509.Certificate], password: str
    ) -> None:
        read.certificates += certificates
        if key is not None:
            read.keys.append(FoundKey(key, read.name, password))
        elif certificates:
            read.findings.append(finding("key.not_in_pfx", file=read.name))

    def _stays_closed(self, read: ReadFile) -> None:
        if not self.passwords:
            read.findings.append(finding("password.needed", file=read.name))
        elif read.encryption == _OLD_PEM:
            read.findings.append(finding("encryption.unknown", file=read.name))
        else:
            read.findings.append(finding("password.wrong", file=read.name))
