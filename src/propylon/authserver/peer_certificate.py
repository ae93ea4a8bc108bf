"""The client certificate that the gateway verified and passed on (RFC 8705, 6.5: believed on this socket only)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.errors import invalid_client


def peer_certificate(header: str) -> PeerCertificate | None:
    """From the header's URL-encoded PEM; None if there is none."""
    return _parsed(header) if header else None


@lru_cache(maxsize=4096)
def _parsed(header: str) -> PeerCertificate:
    try:
        certificate = x509.load_pem_x509_certificate(unquote(header).encode())
        names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        subject = certificate.subject.rfc4514_string()
    except ValueError as error:
        raise invalid_client("the client certificate cannot be read") from error
    return PeerCertificate(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        common_name=names[0] if len(names) == 1 else "",  # two CNs are nobody's service account
        subject_dn=subject,
    )
