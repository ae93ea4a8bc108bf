"""Signing requests as people upload them."""

from __future__ import annotations

import base64

LONGEST_CSR = 64 * 1024


def csr_text(content: bytes) -> str:
    """PEM as it is, DER in Base64: both are what an order takes."""
    return content.decode("latin-1") if b"-----BEGIN" in content else base64.b64encode(content).decode()
