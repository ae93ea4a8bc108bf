"""The internal certificate authority: the only place where an authority's key is unsealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from propylon.certificates.models import Authority
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.pki.issuance import Prepared, sign
from propylon.pki.pem import private_pem, read_certificate, read_private_key
from propylon.pki.revocation_list import Edition, Revocation, build_crl
from propylon.sealing.installation import sealer

ROOT, ISSUING, NODES = "root", "issuing", "nodes"
_PURPOSE = "ca-key"


@dataclass(frozen=True, slots=True)
class InternalAuthority:
    """What an authority does, whatever holds its key: issue what was prepared, and list what was revoked."""

    certificate: x509.Certificate
    _sealed_key: str

    def issue(self, prepared: Prepared) -> x509.Certificate:
        return sign(prepared, self._key())

    def list_revocations(self, edition: Edition, revocations: Iterable[Revocation]) -> x509.CertificateRevocationList:
        return build_crl(self.certificate, self._key(), edition=edition, revocations=revocations)

    def _key(self) -> ec.EllipticCurvePrivateKey:
        return read_private_key(sealer().unseal(self._sealed_key, purpose=_PURPOSE).reveal())


def load_authority(kind: str) -> InternalAuthority:
    """The authority `root`, `issuing` or `nodes`; `certificate.authority.missing` until `propylon up` has made them."""
    row = Authority.objects.filter(kind=kind).first()
    if row is None:
        raise PropylonError(
            "certificate.authority.missing",
            "This installation has no certificate authority yet. Start it once with `propylon up`.",
            kind=Kind.UNAVAILABLE,
        )
    return InternalAuthority(read_certificate(row.certificate_pem), row.key_sealed)


def seal_authority_key(key: ec.EllipticCurvePrivateKey) -> str:
    return sealer().seal(Secret(private_pem(key)), purpose=_PURPOSE)
