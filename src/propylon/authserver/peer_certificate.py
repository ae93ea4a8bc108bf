"""The client certificate that the gateway verified and passed on (RFC 8705, 6.5: believed on this socket only)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.certificate_names import CertificateName, comparable
from propylon.oauth.errors import invalid_client

_MOST_KEPT = 100_000  # half a kilobyte each; the oldest give way
_kept: dict[bytes, PeerCertificate] = {}  # by the header's digest: the header itself is four times as large
_keeping = Lock()


def peer_certificate(header: str) -> PeerCertificate | None:
    """From the header's URL-encoded PEM; None if there is none."""
    if not header:
        return None
    digest = hashlib.sha256(header.encode()).digest()
    found = _kept.get(digest)
    if found is None:
        found = _parsed(header)
        with _keeping:
            _kept[digest] = found
            if len(_kept) > _MOST_KEPT:
                del _kept[next(iter(_kept))]
    return found


def _parsed(header: str) -> PeerCertificate:
    try:
        certificate = x509.load_pem_x509_certificate(unquote(header).encode())
        names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        subject = certificate.subject.rfc4514_string()
        alternative_names = frozenset(_alternative_names(certificate))
    except (ValueError, x509.DuplicateExtension) as error:
        raise invalid_client("the client certificate cannot be read") from error
    return PeerCertificate(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        common_name=names[0] if len(names) == 1 else "",  # two CNs are nobody's service account
        subject_dn=subject,
        names=alternative_names,
    )


def _alternative_names(certificate: x509.Certificate) -> Iterator[CertificateName]:
    """Those of the kinds that a client can register; what is in no right form is nobody's name."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    for name in found:
        kind = _KINDS.get(type(name))
        with suppress(ValueError):
            if kind is not None:
                yield comparable(kind, str(name.value))


_KINDS: dict[type[x509.GeneralName], str] = {
    x509.DNSName: "dns",
    x509.UniformResourceIdentifier: "uri",
    x509.IPAddress: "ip",
    x509.RFC822Name: "email",
}
