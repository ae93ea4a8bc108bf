"""Who a pairwise subject stands for: the bank knows its customers by its own subjects, applications by other names.

A bank's system opens such a name with the key that the program hands it (docs/explanation/pairwise-subjects.md).
"""

from __future__ import annotations

import base64
import hashlib
from binascii import Error as NoBase64
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

PREFIX = "pw_"
_BEFORE_SUBJECT = 24  # bytes: environment and sector


class CustomerNames:
    """`key_file` may come later than the bank: it is made with the first pairwise application."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def subject_of(self, name: str) -> str:
        """The bank's own subject; the name itself where it is none of these, or cannot be opened: nobody's."""
        if not name.startswith(PREFIX):
            return name
        from cryptography.exceptions import InvalidTag  # here: 6 MB that a bank without such names does not need

        try:
            text = name.removeprefix(PREFIX)
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return _cipher(self._key_file.read_text(encoding="ascii")).decrypt(sealed, None)[_BEFORE_SUBJECT:].decode()
        except (OSError, InvalidTag, NoBase64, ValueError):
            return name


@lru_cache(maxsize=2)
def _cipher(key: str) -> AESSIV:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(hashlib.sha512(key.encode()).digest())
