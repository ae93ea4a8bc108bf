"""Which public keys are good enough, and the digest that goes with an authority's key."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

SMALLEST_RSA_BITS = 2048
LARGEST_RSA_BITS = 8192  # larger ones make every handshake expensive for the gateway
SMALLEST_RSA_EXPONENT = 65537

AcceptedPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def key_mistake(key: object) -> str:
    """What is wrong with a public key, as a sentence; empty if it is P-256, P-384 or RSA of 2048 to 8192 bits."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        if isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
            return ""
        return f"The key is on the curve {key.curve.name}. Use P-256 (prime256v1) or P-384 (secp384r1)."
    if isinstance(key, rsa.RSAPublicKey):
        return _rsa_mistake(key)
    return f"The key is of type {type(key).__name__}. Use an EC key on P-256 or P-384, or RSA of 2048 bits or more."


def _rsa_mistake(key: rsa.RSAPublicKey) -> str:
    if not SMALLEST_RSA_BITS <= key.key_size <= LARGEST_RSA_BITS:
        return f"The RSA key has {key.key_size} bits. Use {SMALLEST_RSA_BITS} to {LARGEST_RSA_BITS} bits."
    if key.public_numbers().e < SMALLEST_RSA_EXPONENT:
        return f"The RSA key's public exponent is too small. Use {SMALLEST_RSA_EXPONENT}."
    return ""


def digest_for(key: ec.EllipticCurvePublicKey) -> hashes.SHA256 | hashes.SHA384:
    """The digest of the same strength as the curve, with which an authority of this key signs."""
    return hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256()
