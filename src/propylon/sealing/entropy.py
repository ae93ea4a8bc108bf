"""New secrets and public identifiers: the only place of the web application that draws random numbers."""

from __future__ import annotations

import hashlib
import os
import secrets

from propylon.kernel.secret import Secret

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: people read these aloud


_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def new_public_id(prefix: str) -> str:
    """`app_7k2m…`: 16 characters after the prefix, 79 bits; never a database id."""
    return f"{prefix}_{_random_letters()}"


def new_ordered_id(prefix: str, at: float) -> str:
    """`at_019ab3…`: the time (epoch seconds) as 12 hexadecimal digits that sort as it does, then 80 random bits.

    For what programs read and is stored by the million: it is made in a tenth of the time of a public id, and an index
    takes ids in their order several times faster than at random.
    """
    return f"{prefix}_{int(at * 1000):012x}{os.urandom(10).hex()}"


def _random_letters() -> str:
    number = secrets.randbits(128)  # far more bits than are shown, so that no letter is likelier than another
    found = []
    for _ in range(8):
        number, pair = divmod(number, len(_PAIRS))
        found.append(_PAIRS[pair])
    return "".join(found)


def new_secret(prefix: str = "") -> Secret:
    """256 bits as base64url, after an optional prefix that tells secret scanners what it is."""
    return Secret(prefix + secrets.token_urlsafe(32))


def new_code() -> Secret:
    """Six digits for a person to type: few, so whoever asks for it counts the failures."""
    return Secret(f"{secrets.randbelow(1_000_000):06d}")


def digest(secret: Secret) -> str:
    """SHA-256 in hex: enough for checking, since every secret here has 256 random bits."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()
