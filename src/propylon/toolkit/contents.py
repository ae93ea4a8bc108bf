"""What was found in files: certificates, private keys, signing requests, and what there is to say about each file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from propylon.toolkit.findings import Finding

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as it was given. `name` is for sentences."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A private key, opened. `password` is what opened it, "" if it was not encrypted."""

    key: PrivateKeyTypes = field(repr=False)
    file: str
    password: str = field(repr=False, default="")

    @property
    def was_encrypted(self) -> bool:
        return bool(self.password)

    @property
    def public(self) -> bytes:
        """DER of the public key: two keys are the same if this is."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(slots=True)
class ReadFile:
    """One file: what it is, in words, and all that it holds."""

    name: str
    format: str
    encryption: str = ""
    certificates: list[x509.Certificate] = field(default_factory=list)
    keys: list[FoundKey] = field(default_factory=list)
    requests: list[x509.CertificateSigningRequest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        return not any(each.is_error for each in self.findings)

    def holds(self) -> str:
        """ "2 certificates and a private key"."""
        parts = [
            _counted(len(self.certificates), "certificate"),
            _counted(len(self.keys), "private key"),
            _counted(len(self.requests), "signing request"),
        ]
        return " and ".join(part for part in parts if part) or "nothing that could be read"


@dataclass(frozen=True, slots=True)
class Contents:
    files: tuple[ReadFile, ...]

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Each once, in the order of the files."""
        return _unique(each for file in self.files for each in file.certificates)

    @property
    def keys(self) -> tuple[FoundKey, ...]:
        found = {key.public: key for file in reversed(self.files) for key in reversed(file.keys)}
        return tuple(reversed(found.values()))

    @property
    def requests(self) -> tuple[x509.CertificateSigningRequest, ...]:
        return _unique(each for file in self.files for each in file.requests)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return _unique(each for file in self.files for each in file.findings)


def _unique(things: Iterable[_Thing]) -> tuple[_Thing, ...]:
    return tuple(dict.fromkeys(things))


def _counted(count: int, word: str) -> str:
    if count == 0:
        return ""
    return f"a {word}" if count == 1 else f"{count} {word}s"
