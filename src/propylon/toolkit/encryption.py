"""How a file is encrypted, as far as can be told without its password: RFC 7292 appendix B, RFC 8018, RFC 7914.

Asked before any password is tried: whoever makes a file chooses how many rounds each trial costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from propylon.toolkit.der import Element, element

MOST_ROUNDS = 5_000_000  # a few seconds; today's programs write 2,000 to 1,000,000
_MOST_ELEMENTS = 20_000
_DEEPEST = 24
_CONSTRUCTED, _OCTETS, _INTEGER, _OID = 0x20, 0x04, 0x02, 0x06

# Identifier → what people call it; and those whose next number is a count of rounds.
_NAMES = {
    bytes.fromhex("2a864886f70d010c0101"): "RC4",  # PKCS #12's own, 1.2.840.113549.1.12.1
    bytes.fromhex("2a864886f70d010c0102"): "RC4, 40 bits",
    bytes.fromhex("2a864886f70d010c0103"): "3DES",
    bytes.fromhex("2a864886f70d010c0104"): "2DES",
    bytes.fromhex("2a864886f70d010c0105"): "RC2",
    bytes.fromhex("2a864886f70d010c0106"): "RC2, 40 bits",
    bytes.fromhex("2a864886f70d010501"): "DES",  # PBES1, 1.2.840.113549.1.5
    bytes.fromhex("2a864886f70d010503"): "DES",
    bytes.fromhex("2a864886f70d010504"): "RC2",
    bytes.fromhex("2a864886f70d010506"): "RC2",
    bytes.fromhex("2a864886f70d01050a"): "DES",
    bytes.fromhex("2a864886f70d01050b"): "RC2",
    bytes.fromhex("2b0e030207"): "DES",  # in PBES2
    bytes.fromhex("2a864886f70d0302"): "RC2",
    bytes.fromhex("2a864886f70d0307"): "3DES",
    bytes.fromhex("608648016503040102"): "AES-128",
    bytes.fromhex("608648016503040116"): "AES-192",
    bytes.fromhex("60864801650304012a"): "AES-256",
}
_PBKDF2 = bytes.fromhex("2a864886f70d01050c")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_OWN_ROUNDS = ("2a864886f70d010c01", "2a864886f70d0105")
_OLD = ("RC", "DES", "2DES", "3DES")


@dataclass(frozen=True, slots=True)
class Encryption:
    """`names` in the order found; `rounds` is the most that anything in the file asks for."""

    names: tuple[str, ...]
    rounds: int

    @property
    def is_old(self) -> bool:
        return any(name.startswith(_OLD) for name in self.names)

    def __str__(self) -> str:
        return " and ".join(self.names)


def encryption_of(data: bytes) -> Encryption:
    """What the readable part of the DER says; layers inside what is encrypted are not seen."""
    names: dict[str, None] = {}
    rounds, counts, last_integer = 0, False, 0
    for tag, value in _primitives(data, _DEEPEST, [_MOST_ELEMENTS]):
        if tag == _OID:
            if value in _NAMES:
                names[_NAMES[value]] = None
            counts = value in {_PBKDF2, _SCRYPT} or (value in _NAMES and value.hex().startswith(_OWN_ROUNDS))
        elif tag == _INTEGER:
            last_integer = int.from_bytes(value[:16], "big")
            if counts:
                rounds, counts = max(rounds, last_integer), False
    # A PKCS #12 ends with the rounds of its integrity check (RFC 7292, MacData).
    return Encryption(tuple(names), max(rounds, last_integer) if _ends_with_rounds(data) else rounds)


def _ends_with_rounds(data: bytes) -> bool:
    """version, contents, and then a third part: a PKCS #12 with MacData."""
    outer = element(data)
    parts = list(_children(data, outer)) if outer else []
    return len(parts) == 3 and parts[0].tag == _INTEGER and data[parts[0].start : parts[0].end] == b"\x03"


def _primitives(data: bytes, depth: int, left: list[int]) -> Iterator[tuple[int, bytes]]:
    """(tag, value) of everything that has no parts, in order. Octets that hold DER count as what they hold."""
    at = 0
    while (found := element(data, at)) and found.end is not None and found.end <= len(data):
        left[0] -= 1
        if left[0] < 0:
            return
        value = data[found.start : found.end]
        if depth and (found.tag & _CONSTRUCTED or (found.tag == _OCTETS and _is_der(value))):
            yield from _primitives(value, depth - 1, left)
        else:
            yield found.tag, value
        at = found.end


def _is_der(value: bytes) -> bool:
    outer = element(value)
    return outer is not None and outer.tag == 0x30 and outer.end == len(value)


def _children(data: bytes, outer: Element) -> Iterator[Element]:
    at = outer.start
    while (found := element(data, at)) and found.end is not None and found.end <= (outer.end or 0):
        yield found
        at = found.end
