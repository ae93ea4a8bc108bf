"""The outermost layers of DER (ITU-T X.690), enough to say what a file holds and whether all of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_SEQUENCE, _INTEGER, _OID, _OCTETS, _BITS, _CONTEXT_0 = 0x30, 0x02, 0x06, 0x04, 0x03, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_PKCS7_ARC = bytes.fromhex("2a864886f70d0107")


class Structure(Enum):
    """What the first layers say it is; whether the rest agrees, its reader finds out."""

    CERTIFICATE = "X.509 certificate"
    CERTIFICATE_OR_REQUEST = "X.509 certificate or signing request"
    SIGNED_DATA = "PKCS #7"
    OTHER_PKCS7 = "PKCS #7 message"
    PKCS12 = "PKCS #12"
    PRIVATE_KEY = "private key"
    ENCRYPTED_KEY = "encrypted private key"
    PUBLIC_KEY = "public key"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Element:
    """`end` is None where the length is not said (BER's indefinite form)."""

    tag: int
    start: int
    end: int | None


def element(data: bytes, at: int = 0) -> Element | None:
    """The header at `at`; None if there is none."""
    if at + 2 > len(data):
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return Element(tag, start, None)
    if length > 0x80:
        count = length - 0x80
        if count > 8 or start + count > len(data):
            return None
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return Element(tag, start, start + length)


def whole_length(data: bytes) -> int | None:
    """How many bytes the outermost element says it has, header included; None if it does not say."""
    outer = element(data)
    return outer.end if outer else None


def structure_of(data: bytes) -> Structure:
    outer = element(data)
    first = element(data, outer.start) if outer and outer.tag == _SEQUENCE else None
    if first is None or first.end is None:
        return Structure.UNKNOWN
    if first.tag == _OID:
        return _by_oid(data[first.start : first.end])
    after = element(data, first.end)
    if first.tag == _INTEGER:
        return _by_number(data[first.start : first.end], after.tag if after else 0)
    if first.tag == _SEQUENCE:
        inner = element(data, first.start)
        return _by_inner(inner.tag if inner else 0, after.tag if after else 0)
    return Structure.UNKNOWN


def _by_oid(value: bytes) -> Structure:
    if value == _SIGNED_DATA:
        return Structure.SIGNED_DATA
    return Structure.OTHER_PKCS7 if value.startswith(_PKCS7_ARC) else Structure.UNKNOWN


def _by_number(value: bytes, after: int) -> Structure:
    if value == b"\x03" and after == _SEQUENCE:
        return Structure.PKCS12
    # PKCS #8 (then an algorithm), PKCS #1 (then the modulus), SEC 1 (then the key)
    if value in {b"\x00", b"\x01"} and after in {_SEQUENCE, _INTEGER, _OCTETS}:
        return Structure.PRIVATE_KEY
    return Structure.UNKNOWN


def _by_inner(inner: int, after: int) -> Structure:
    if inner == _CONTEXT_0:
        return Structure.CERTIFICATE
    if inner == _INTEGER:
        return Structure.CERTIFICATE_OR_REQUEST
    if inner == _OID and after == _OCTETS:
        return Structure.ENCRYPTED_KEY
    if inner == _OID and after == _BITS:
        return Structure.PUBLIC_KEY
    return Structure.UNKNOWN
