"""Private keys that are made here for a partner: sealed until their one download, then gone."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from propylon.kernel.secret import Secret
from propylon.pki.pem import private_pem, read_private_key
from propylon.sealing.installation import sealer

_PURPOSE = "certificate-key"


def seal_key(key: ec.EllipticCurvePrivateKey) -> str:
    return sealer().seal(Secret(private_pem(key)), purpose=_PURPOSE)


def unseal_key(sealed: str) -> ec.EllipticCurvePrivateKey:
    return read_private_key(sealer().unseal(sealed, purpose=_PURPOSE).reveal())
