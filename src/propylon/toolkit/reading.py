"""Files of any form become certificates, keys and signing requests. What cannot be read is a finding, never an error.

Forms: PEM (RFC 7468) and DER, DER in bare Base64, text in UTF-16; X.509, PKCS #7, #8, #10, #12, PKCS #1 and SEC 1 keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7

from propylon.toolkit.contents import Contents, NamedFile, ReadFile
from propylon.toolkit.der import Structure, structure_of, whole_length
from propylon.toolkit.findings import Finding, finding
from propylon.toolkit.foreign_files import foreign_file
from propylon.toolkit.pem_blocks import Block, blocks, from_base64
from propylon.toolkit.quiet import quietly
from propylon.toolkit.secrets_reading import SecondOpinion, SecretsReader

_Loaded = TypeVar("_Loaded")
LARGEST_FILE_BYTES = 1024 * 1024
MOST_THINGS = 200
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, OverflowError)
_PKCS7_TITLE = "a PKCS #7 file (.p7b, .p7s)"
_QUIET_LABELS = frozenset({"EC PARAMETERS", "DH PARAMETERS", "DSA PARAMETERS"})


@quietly
def read_files(
    files: Iterable[NamedFile], passwords: Sequence[str] = (), *, second_opinion: SecondOpinion | None = None
) -> Contents:
    """Everything in the files. Each password is tried on each. `second_opinion` is asked what cannot be opened here."""
    read = []
    left = MOST_THINGS
    for file in files:
        one = _read_file(file, SecretsReader(tuple(passwords), second_opinion))
        left -= len(one.certificates) + len(one.keys) + len(one.requests)
        if left < 0:
            one = ReadFile(file.name, one.format, findings=[finding("file.too_many", limit=MOST_THINGS)])
        read.append(one)
    return Contents(tuple(read))


def _read_file(file: NamedFile, secrets: SecretsReader) -> ReadFile:
    name, data = file.name, file.data
    if not data.strip():
        return _refused(name, finding("file.empty", file=name))
    if len(data) > LARGEST_FILE_BYTES:
        return _refused(name, finding("file.too_large", file=name, limit=LARGEST_FILE_BYTES // 1024))
    if code := foreign_file(data):
        return _refused(name, finding(code, file=name))
    text, is_utf16 = _text_of(data)
    if "-----BEGIN" in text:
        found = _read_pem(name, text, secrets)
        if is_utf16:
            found.findings.insert(0, finding("file.utf16", file=name))
        return found
    der = data if data[:1] == b"\x30" else from_base64(data) or data
    return _read_der(name, der, secrets)


def _refused(name: str, why: Finding) -> ReadFile:
    return ReadFile(name, "nothing that is read here", findings=[why])


def _text_of(data: bytes) -> tuple[str, bool]:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace"), True
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), False


def _read_pem(name: str, text: str, secrets: SecretsReader) -> ReadFile:
    read = ReadFile(name, "PEM")
    for block in blocks(text):
        if len(read.certificates) + len(read.keys) + len(read.requests) > MOST_THINGS:
            break
        _read_block(read, block, secrets)
    if not (read.certificates or read.keys or read.requests or read.findings):
        read.findings.append(finding("file.damaged", file=name, format="PEM"))
    read.format = _pem_title(read)
    return read


def _pem_title(read: ReadFile) -> str:
    return f"PEM text with {read.holds()}"


def _read_block(read: ReadFile, block: Block, secrets: SecretsReader) -> None:
    if block.label in _QUIET_LABELS:
        return
    if block.label.startswith("PGP "):
        read.findings.append(finding("file.pgp", file=read.name))
    elif block.label == "OPENSSH PRIVATE KEY":
        read.findings.append(finding("file.ssh_key", file=read.name))
    elif block.label.endswith("CRL"):
        read.findings.append(finding("file.revocation_list", file=read.name))
    elif block.is_old_encrypted:
        secrets.old_pem_key(read, block)
    elif block.der is None:
        read.findings.append(finding("file.damaged", file=read.name, format="PEM"))
    else:
        _merge(read, _read_der(read.name, block.der, secrets, hint=block.label))


def _merge(read: ReadFile, part: ReadFile) -> None:
    read.certificates += part.certificates
    read.keys += part.keys
    read.requests += part.requests
    read.findings += part.findings
    read.encryption = read.encryption or part.encryption


def _read_der(name: str, data: bytes, secrets: SecretsReader, hint: str = "") -> ReadFile:
    wanted = whole_length(data) if data[:1] == b"\x30" else None
    structure = structure_of(data)
    read = ReadFile(name, structure.value)
    if wanted is not None and wanted > len(data) and structure is not Structure.UNKNOWN:
        read.findings.append(finding("file.cut_off", file=name, wanted=wanted, there=len(data)))
        return read
    whole = data[:wanted] if wanted else data  # behind it: line ends, or what openssl adds to trusted certificates
    try:
        _READERS[structure](read, whole, secrets)
    except UNREADABLE:
        what = finding("file.damaged", file=name, format=structure.value)
        read.findings.append(
            finding("file.unknown", file=name) if structure is Structure.UNKNOWN and not hint else what
        )
    return read


def _certificate(read: ReadFile, data: bytes, _: SecretsReader) -> None:
    try:
        read.certificates.append(x509.load_der_x509_certificate(data))
    except UNREADABLE:
        read.findings.append(finding("certificate.unreadable", file=read.name))


def _certificate_or_request(read: ReadFile, data: bytes, secrets: SecretsReader) -> None:
    if request := _loaded(x509.load_der_x509_csr, data):
        read.requests.append(request)
        read.format = "signing request (PKCS #10)"
    elif _loaded(x509.load_der_x509_crl, data):
        read.findings.append(finding("file.revocation_list", file=read.name))
        read.format = "revocation list"
    else:
        _certificate(read, data, secrets)


def _signed_data(read: ReadFile, data: bytes, _: SecretsReader) -> None:
    read.format = "PKCS #7 (.p7b, .p7s)"
    read.certificates += pkcs7.load_der_pkcs7_certificates(data)
    read.findings.append(finding("key.never_in_format", file=read.name, format=_PKCS7_TITLE))


def _other_pkcs7(read: ReadFile, _: bytes, __: SecretsReader) -> None:
    read.findings.append(finding("file.encrypted_message", file=read.name))


def _public_key(read: ReadFile, _: bytes, __: SecretsReader) -> None:
    read.findings.append(finding("file.public_key", file=read.name))


def _unknown(_: ReadFile, __: bytes, ___: SecretsReader) -> None:
    raise ValueError("no structure that is known here")


def _loaded(load: Callable[[bytes], _Loaded], data: bytes) -> _Loaded | None:
    try:
        return load(data)
    except UNREADABLE:
        return None


_READERS: dict[Structure, Callable[[ReadFile, bytes, SecretsReader], None]] = {
    Structure.CERTIFICATE: _certificate,
    Structure.CERTIFICATE_OR_REQUEST: _certificate_or_request,
    Structure.SIGNED_DATA: _signed_data,
    Structure.OTHER_PKCS7: _other_pkcs7,
    Structure.PKCS12: lambda read, data, secrets: secrets.pkcs12(read, data),
    Structure.PRIVATE_KEY: lambda read, data, secrets: secrets.plain_key(read, data),
    Structure.ENCRYPTED_KEY: lambda read, data, secrets: secrets.encrypted_key(read, data),
    Structure.PUBLIC_KEY: _public_key,
    Structure.UNKNOWN: _unknown,
}
