"""New secrets and public identifiers: the only place of the web application that draws random numbers."""

from __future__ import annotations

import hashlib
import secrets

from propylon.kernel.secret import Secret

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: people read these aloud


def new_public_id(prefix: str) -> str:
    """`app_7k2m…`: 16 characters after the prefix, 79 bits; never a database id."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def new_secret(prefix: str = "") -> Secret:
    """256 bits as base64url, after an optional prefix that tells secret scanners what it is."""
    return Secret(prefix + secrets.token_urlsafe(32))


def digest(secret: Secret) -> str:
    """SHA-256 in hex: enough for checking, since every secret here has 256 random bits."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()
