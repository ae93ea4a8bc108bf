"""New keys and serial numbers: what the engine `pki` takes as arguments."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec


def new_serial() -> int:
    """159 random bits, the most that RFC 5280 section 4.1.2.2 has room for."""
    return x509.random_serial_number()


def new_private_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """An EC key, on P-256 unless another curve is named."""
    return ec.generate_private_key(curve or ec.SECP256R1())
