"""Paging cursors (FEATURES G4): Base64 of the position, with a keyed checksum so that tampering is noticed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from propylon.kernel.errors import FieldError, Kind, PropylonError

_TAG_BYTES = 9  # 72 bits: a cursor is no credential, the tag only tells a typo or a forgery from a position


def encode_cursor(position: str, *, scope: str, key: bytes) -> str:
    """`position` is what the list is sorted by; `scope` names the list (and its filters) that it belongs to."""
    payload = position.encode()
    return base64.urlsafe_b64encode(_tag(payload, scope, key) + payload).decode()


def decode_cursor(text: str, *, scope: str, key: bytes, field: str) -> str:
    """The position, or `paging.cursor.invalid` if the text was cut, changed, or comes from another list."""
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if hmac.compare_digest(tag, _tag(payload, scope, key)):
            return payload.decode()
    except (binascii.Error, ValueError):
        pass
    raise PropylonError(
        "paging.cursor.invalid",
        "The cursor does not belong to this list. Start again without it, or follow an answer's links as they are.",
        kind=Kind.MALFORMED,
        errors=[FieldError(field, "query", "not a cursor of this list")],
    )


def _tag(payload: bytes, scope: str, key: bytes) -> bytes:
    return hmac.digest(key, scope.encode() + b"\0" + payload, hashlib.sha256)[:_TAG_BYTES]
