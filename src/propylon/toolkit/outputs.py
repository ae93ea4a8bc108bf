"""An identity as files: taken apart (certificate.crt, chain.crt, private.key), or in another form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes

from propylon.kernel.certificate_files import CERTIFICATE_FILE, CHAIN_FILE, KEY_FILE
from propylon.kernel.errors import Kind, PropylonError
from propylon.pki import bundles
from propylon.pki.pem import chain_of, pem_of, private_pem
from propylon.toolkit.contents import FoundKey
from propylon.toolkit.facts import certificate_facts
from propylon.toolkit.findings import finding, refusal
from propylon.toolkit.identity import Identity

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128


@dataclass(frozen=True, slots=True)
class OutputFile:
    """`is_private`: nobody but its owner may read it."""

    name: str
    data: bytes = field(repr=False)
    is_private: bool = False


def taken_apart(identity: Identity, *, key_password: str = "", with_key: bool = True) -> tuple[OutputFile, ...]:
    """The certificate, its chain where there is one, and the key: decrypted, or under `key_password`."""
    files = [OutputFile(CERTIFICATE_FILE, pem_of(identity.leaf).encode())]
    if identity.issuers:
        files.append(OutputFile(CHAIN_FILE, chain_of(*identity.issuers).encode()))
    if with_key:
        files.append(OutputFile(KEY_FILE, _key_pem(identity, key_password), is_private=True))
    return tuple(files)


def key_of(identity: Identity) -> FoundKey:
    """Raises `key.missing`."""
    if identity.key is None:
        raise refusal(finding("key.missing", certificate=certificate_facts(identity.leaf).label))
    return identity.key


def zipped(files: Iterable[OutputFile]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o600 if file.is_private else 0o644) << 16
            archive.writestr(entry, file.data)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Form:
    """A form to convert to. `needs_password`: the file is always encrypted; `may_have_password`: its key may be."""

    suffix: str
    title: str
    make: Callable[[Identity, str], bytes] = field(repr=False)
    has_key: bool = True
    needs_password: bool = False
    may_have_password: bool = False


def _key_pem(identity: Identity, password: str) -> bytes:
    return private_pem(key_of(identity).key, password=password).encode()


def _certificates(identity: Identity, _: str) -> bytes:
    return chain_of(identity.leaf, *identity.issuers).encode()


def _everything(identity: Identity, password: str) -> bytes:
    return _key_pem(identity, password) + _certificates(identity, "")


def _pfx(*, is_legacy: bool) -> Callable[[Identity, str], bytes]:
    def make(identity: Identity, password: str) -> bytes:
        key = cast("PKCS12PrivateKeyTypes", key_of(identity).key)
        name = certificate_facts(identity.leaf).label
        try:
            return bundles.pfx(
                bundles.Identity(identity.leaf, identity.issuers, key, name), password, is_legacy=is_legacy
            )
        except TypeError:
            raise refusal(finding("key.refused", mistake="A PKCS #12 file cannot hold a key of this kind.")) from None

    return make


def _der(identity: Identity, _: str) -> bytes:
    return identity.leaf.public_bytes(Encoding.DER)


def _p7b(identity: Identity, _: str) -> bytes:
    return pkcs7.serialize_certificates([identity.leaf, *identity.issuers], Encoding.DER)


_NEW_PFX, _OLD_PFX = _pfx(is_legacy=False), _pfx(is_legacy=True)
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "pfx": Form(".pfx", "PKCS #12 with AES-256: Windows since 2019, Java, Postman", _NEW_PFX, needs_password=True),
        "pfx-legacy": Form(
            ".pfx", "PKCS #12 with 3DES and SHA-1: older Windows, macOS Keychain", _OLD_PFX, needs_password=True
        ),
        "pem": Form(".pem", "key, certificate and chain in one PEM text", _everything, may_have_password=True),
        "key": Form(".key", "the private key as PEM (PKCS #8)", _key_pem, may_have_password=True),
        "crt": Form(".crt", "certificate and chain as PEM", _certificates, has_key=False),
        "der": Form(".cer", "the certificate alone, as DER", _der, has_key=False),
        "p7b": Form(".p7b", "certificate and chain as PKCS #7", _p7b, has_key=False),
    }
)


def converted(identity: Identity, form: str, *, password: str = "") -> OutputFile:
    """`form` is one of FORMS. Raises `toolkit.password.invalid` and `key.missing`."""
    wanted = FORMS[form]
    if password or wanted.needs_password:
        check_new_password(password)
    name = f"identity{wanted.suffix}"
    return OutputFile(name, wanted.make(identity, password), is_private=wanted.has_key)


def check_new_password(password: str) -> None:
    """Of a file that is made: readable by every program, and not guessed in a minute."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or not password.isprintable():
        raise PropylonError(
            "toolkit.password.invalid",
            f"The password of the new file takes {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} printable characters.",
            kind=Kind.MALFORMED,
        )
