"""PEM (RFC 7468) as it comes in the wild: among other text, with old headers, with any line ends. Read in one pass."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field

_BEGIN, _END, _DASHES = "-----BEGIN ", "-----END ", "-----"


@dataclass(frozen=True, slots=True)
class Block:
    """`der` is None where the text is no Base64 (an encrypted old key has headers instead; see `is_old_encrypted`)."""

    label: str
    text: str = field(repr=False)
    der: bytes | None = field(repr=False)
    is_old_encrypted: bool = False


def blocks(text: str) -> Iterator[Block]:
    """Every block from BEGIN to its END; what is not closed is left out."""
    label = ""
    lines: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith(_BEGIN) and line.endswith(_DASHES):
            label, lines = line[len(_BEGIN) : -len(_DASHES)].strip(), []
        elif label and line == f"{_END}{label}{_DASHES}":
            yield _block(label, lines)
            label, lines = "", []
        elif label:
            lines.append(line)


def _block(label: str, lines: list[str]) -> Block:
    text = "\n".join([f"{_BEGIN}{label}{_DASHES}", *lines, f"{_END}{label}{_DASHES}", ""])
    headers = [line for line in lines if ":" in line]
    if any(line.startswith("Proc-Type:") and "ENCRYPTED" in line for line in headers):
        return Block(label, text, None, is_old_encrypted=True)
    return Block(label, text, from_base64("".join(line for line in lines if ":" not in line)))


def from_base64(text: str | bytes) -> bytes | None:
    """None if it is something else."""
    try:
        compact = b"".join((text.encode("ascii") if isinstance(text, str) else text).split())
        return base64.b64decode(compact, validate=True) or None
    except (binascii.Error, ValueError):
        return None
