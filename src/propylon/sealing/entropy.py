"""New secrets and public identifiers: the only place of the web application that draws random numbers."""

from __future__ import annotations

import hashlib
import secrets

from propylon.kernel.secret import Secret

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: people read these aloud


def new_public_id(prefix: str) -> str:
    """`app_7k2m…`: 16 characters after the prefix, 79 bits; never a database id."""
    number = secrets.randbits(128)  # far more bits than it shows, so that no letter is likelier than another
    letters = []
    for _ in range(16):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return f"{prefix}_" + "".join(letters)


def new_secret(prefix: str = "") -> Secret:
    """256 bits as base64url, after an optional prefix that tells secret scanners what it is."""
    return Secret(prefix + secrets.token_urlsafe(32))


def digest(secret: Secret) -> str:
    """SHA-256 in hex: enough for checking, since every secret here has 256 random bits."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()
