"""What arrives as text in JSON and stands for bytes."""

from __future__ import annotations

import base64
import binascii


def pem_or_base64(text: str) -> bytes:
    """PEM as it is; else Base64 taken apart, and what is neither as it is."""
    data = text.encode()
    if b"-----BEGIN" in data:
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return data
