"""Sealing: authenticated encryption of secrets at rest with one key from outside the database.

A sealed text is `v1.<base64url(nonce + ciphertext)>`; `purpose` is authenticated with it, so that a sealed
client secret cannot be passed off as a sealed CA key.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Sealer(Protocol):
    """What a sealing key can do, wherever it lies."""

    def seal(self, secret: Secret, *, purpose: str) -> str: ...

    def unseal(self, sealed: str, *, purpose: str) -> Secret: ...

    def derived_key(self, *, purpose: str) -> bytes: ...


class FileSealer:
    """AES-256-GCM with a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, secret: Secret, *, purpose: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        box = self._cipher.encrypt(nonce, secret.reveal().encode(), purpose.encode())
        return "v1." + base64.urlsafe_b64encode(nonce + box).decode()

    def unseal(self, sealed: str, *, purpose: str) -> Secret:
        try:
            box = base64.urlsafe_b64decode(sealed.removeprefix("v1."))
            return Secret(self._cipher.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], purpose.encode()).decode())
        except (InvalidTag, ValueError) as error:
            raise PropylonError(
                "sealing.key.wrong",
                "A sealed value does not open with this sealing key. Put back the key that the database was made with.",
                kind=Kind.UNAVAILABLE,
                detail=f"purpose={purpose}",
            ) from error

    def derived_key(self, *, purpose: str) -> bytes:
        """32 bytes for one purpose, the same each time, that tell nothing of the sealing key (HKDF, RFC 5869)."""
        return HKDF(hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(self._key)


def make_sealing_key(path: Path) -> None:
    """Write a new random key, readable by its owner only, unless there is one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode() + "\n")


@lru_cache(maxsize=4)
def file_sealer(path: Path) -> FileSealer:
    """The sealer of the key file, read once per process."""
    try:
        return FileSealer(base64.urlsafe_b64decode(path.read_text().strip()))
    except (OSError, ValueError) as error:
        raise PropylonError(
            "sealing.key.missing",
            f"The sealing key {path} cannot be read. Restore it from your backup; without it no secret opens.",
            kind=Kind.UNAVAILABLE,
            detail=str(error),
        ) from error
