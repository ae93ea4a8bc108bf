"""What a stored signing request (PKCS #10, RFC 2986) says, for the person who decides about it."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from propylon.kernel.errors import PropylonError
from propylon.pki.signing_request import check_request


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """`findings` are sentences about what speaks against it; none for a request that may be signed."""

    subject: str  # RFC 4514
    key: str  # "EC secp256r1", "RSA, 2048 bits"
    signature: str  # "sha256"
    extensions: tuple[str, ...]
    findings: tuple[str, ...]


def request_facts(pem: str, *, common_name: str) -> RequestFacts:
    """The facts; a request that cannot be read has findings only."""
    findings: tuple[str, ...] = ()
    try:
        check_request(pem.encode(), common_name=common_name)
    except PropylonError as refusal:
        findings = tuple(error.reason for error in refusal.errors)
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        return RequestFacts(
            subject=request.subject.rfc4514_string(),
            key=key_label(request.public_key()),
            signature=request.signature_hash_algorithm.name if request.signature_hash_algorithm else "",
            extensions=tuple(extension.oid._name for extension in request.extensions),  # noqa: SLF001
            findings=findings,
        )
    except (ValueError, TypeError, x509.InvalidVersion):
        return RequestFacts("", "", "", (), findings)


def key_label(key: object) -> str:
    """A public key in a few words."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA, {key.key_size} bits"
    return type(key).__name__
