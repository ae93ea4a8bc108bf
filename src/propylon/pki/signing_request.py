"""Certificate signing requests, PKCS #10 (RFC 2986): reading them and checking them, every finding collected."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.findings import Finding, field_errors
from propylon.pki.keys import AcceptedPublicKey, key_mistake

LARGEST_REQUEST_BYTES = 64 * 1024  # a request with an RSA key of 8192 bits has about 3 KB
_PROOF = object()
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
_BAD_DIGESTS = (hashes.MD5, hashes.SHA1)


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A request that has passed every check. Only `check_request` makes one."""

    pem: str
    common_name: str
    public_key: AcceptedPublicKey
    _proof: object

    def __post_init__(self) -> None:
        if self._proof is not _PROOF:
            raise TypeError("check_request() makes these")


def check_request(data: bytes, *, common_name: str) -> CheckedRequest:
    """The request in `data` (PEM, DER, or DER in Base64), if it may become a certificate for `common_name`.

    Raises `certificate.csr.refused` with every finding.
    """
    findings: list[Finding] = []
    request = _read(data, findings)
    if request is not None:
        for rule in _RULES:
            findings += rule(request, common_name)
    if findings or request is None:
        raise PropylonError(
            "certificate.csr.refused",
            "This signing request cannot become a certificate. Correct what is listed and send a new one.",
            kind=Kind.MALFORMED,
            errors=field_errors("csr", findings),
        )
    key = request.public_key()
    pem = request.public_bytes(serialization.Encoding.PEM).decode()
    return CheckedRequest(pem, common_name, key, _PROOF)  # type: ignore[arg-type]  # _key_is_accepted has looked


def _read(data: bytes, findings: list[Finding]) -> x509.CertificateSigningRequest | None:
    if len(data) > LARGEST_REQUEST_BYTES:
        limit = f"A signing request has at most {LARGEST_REQUEST_BYTES} bytes; this has {len(data)}."
        findings.append(Finding("csr.too_large", "#", limit))
        return None
    if b"PRIVATE KEY-----" in data:
        leak = "This holds a private key, which is now known to others: make a new key and send only the request."
        findings.append(Finding("csr.private_key_included", "#", leak))
    try:
        return _parse(data)
    except _UNREADABLE:
        what = "This is no signing request. Send PKCS #10 as PEM (-----BEGIN CERTIFICATE REQUEST-----) or DER."
        findings.append(Finding("csr.unreadable", "#", what))
        return None


def _parse(data: bytes) -> x509.CertificateSigningRequest:
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_csr(data)
    with contextlib.suppress(binascii.Error, ValueError):  # else it is DER as it is
        data = base64.b64decode(b"".join(data.split()), validate=True)
    return x509.load_der_x509_csr(data)


def _signature_proves_the_key(request: x509.CertificateSigningRequest, _: str) -> Iterator[Finding]:
    try:
        if isinstance(request.signature_hash_algorithm, _BAD_DIGESTS):
            name = request.signature_hash_algorithm.name.upper()
            advice = f"The request is signed with {name}, which can be forged. Sign it with SHA-256 or better."
            yield Finding("csr.signature.weak", "#/signatureAlgorithm", advice)
            return
        is_valid = request.is_signature_valid
    except _UNREADABLE:
        is_valid = False
    if not is_valid:
        advice = "The signature does not match the request and its key. Make the request anew, with the key it names."
        yield Finding("csr.signature.invalid", "#/signature", advice)


def _key_is_accepted(request: x509.CertificateSigningRequest, _: str) -> Iterator[Finding]:
    try:
        mistake = key_mistake(request.public_key())
    except _UNREADABLE:
        mistake = "The key cannot be read. Use an EC key on P-256 or P-384, or RSA of 2048 bits or more."
    if mistake:
        yield Finding("csr.key.refused", "#/subjectPublicKeyInfo", mistake)


def _common_name_is_the_service_account(request: x509.CertificateSigningRequest, wanted: str) -> Iterator[Finding]:
    place = "#/subject/commonName"
    try:
        found = [str(name.value) for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except _UNREADABLE:
        yield Finding("csr.subject.unreadable", "#/subject", f"The subject cannot be read. Use CN={wanted}.")
        return
    if len(found) != 1:
        counted = f"The subject has {len(found)} common names. It needs exactly one, CN={wanted}."
        yield Finding("csr.common_name.count", place, counted)
    for name in found:
        if name != name.strip() or not name.isprintable():
            shown = f"The common name {_shown(name)} has white space or control characters around or in it."
            yield Finding("csr.common_name.whitespace", place, f"{shown} Use CN={wanted} exactly.")
        elif name != wanted:
            shown = f"The common name {_shown(name)} is not the service account. Use CN={wanted}."
            yield Finding("csr.common_name.wrong", place, shown)


def _asks_for_nothing_more(request: x509.CertificateSigningRequest, _: str) -> Iterator[Finding]:
    try:
        extensions = request.extensions
    except (*_UNREADABLE, x509.DuplicateExtension):
        advice = "The requested extensions cannot be read. Leave them out: the profile decides them."
        yield Finding("csr.extensions.unreadable", "#/attributes", advice)
        return
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = "An identity certificate has no alternative names. Leave subjectAltName out of the request."
            yield Finding("csr.extensions.names", "#/attributes/subjectAltName", names)
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            authority = "The request asks for a certificate authority. Leave basicConstraints out, or say CA:FALSE."
            yield Finding("csr.extensions.authority", "#/attributes/basicConstraints", authority)


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else name[:80] + "…")


_Rule = Callable[[x509.CertificateSigningRequest, str], Iterator[Finding]]
_RULES: tuple[_Rule, ...] = (
    _signature_proves_the_key,
    _key_is_accepted,
    _common_name_is_the_service_account,
    _asks_for_nothing_more,
)
