"""The client certificate of a request, as the gateway passed it on over the Unix socket."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """A certificate whose chain Envoy has verified. `fingerprint` is SHA-256 of the DER, 64 lower-case hex digits."""

    fingerprint: str
    common_name: str
    subject_dn: str  # RFC 4514
    names: frozenset[tuple[str, str]] = frozenset()  # its alternative names: kind (dns, uri, ip, email) and value

    @property
    def x5t_s256(self) -> str:
        """The RFC 8705 thumbprint: base64url without padding."""
        return _base64url(self.fingerprint)


@lru_cache(maxsize=4096)
def _base64url(fingerprint: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(fingerprint)).rstrip(b"=").decode()
