"""New secrets and public identifiers: the only place of the web application that draws random numbers."""

from __future__ import annotations

import hashlib
import secrets

from propylon.kernel.secret import Secret

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no look-alikes: people read these aloud


_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def new_public_id(prefix: str) -> str:
    """`app_7k2m…`: 16 characters after the prefix, 79 bits; never a database id."""
    return f"{prefix}_{_random_letters()}"


def new_ordered_id(prefix: str, at: float) -> str:
    """A public id with the time (epoch seconds) in front of the 16: 10 characters that sort as the time does.

    For what is stored by the million: an index takes ids in their order several times faster than at random.
    """
    return f"{prefix}_{_letters(int(at * 1000), pairs=5)}{_random_letters()}"


def _random_letters() -> str:
    # Far more bits than it shows, so that no letter is likelier than another.
    return _letters(secrets.randbits(128), pairs=8)


def _letters(number: int, *, pairs: int) -> str:
    """The lowest digits of the number in our alphabet, two at a time."""
    found = []
    for _ in range(pairs):
        number, pair = divmod(number, len(_PAIRS))
        found.append(_PAIRS[pair])
    return "".join(reversed(found))


def new_secret(prefix: str = "") -> Secret:
    """256 bits as base64url, after an optional prefix that tells secret scanners what it is."""
    return Secret(prefix + secrets.token_urlsafe(32))


def digest(secret: Secret) -> str:
    """SHA-256 in hex: enough for checking, since every secret here has 256 random bits."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()
