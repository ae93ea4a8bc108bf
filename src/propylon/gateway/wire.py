"""Envoy messages in protobuf's binary form (encoding: protobuf.dev/programming-guides/encoding).

Envoy takes a third of the time to read them so, and what was encoded once can be put together with the rest as it is:
a part of a message may be an `Encoded`. Fields are written in the order in which they come, defaults too, and maps by
key. gateway.wire_fields has the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from propylon.gateway.envoy_types import Json
from propylon.gateway.wire_fields import ENUMS, FIELDS

Write = Callable[[Any], bytes]  # a value to its field: tag and content

_VARINT, _LENGTH = 0, 2  # wire types
WRAPPERS = ("Bool", "UInt32", "UInt64")  # messages around one number, which stand for it in JSON


class Encoded(bytes):
    """A message that is encoded already."""

    __slots__ = ()


class UnknownField(LookupError):  # noqa: N818  (a gap of gateway.wire_fields)
    """gateway.wire_fields does not know it."""


def response(version: str, resources: Iterable[Encoded]) -> bytes:
    """A DiscoveryResponse of messages that say their type. The version comes first (`version_of`)."""
    return b"".join((_delimited(1, version.encode()), *(_delimited(2, each) for each in resources)))


def version_of(head: bytes) -> str:
    """Of a response that begins with these bytes; "" if it does not begin like one."""
    if len(head) < 2 or head[0] != _tag(1, _LENGTH)[0] or head[1] > 127 or len(head) < 2 + head[1]:
        return ""
    return head[2 : 2 + head[1]].decode(errors="replace")


def encoded(message: str, value: Json | Encoded) -> Encoded:
    """`message`: its full name. Raises UnknownField."""
    if isinstance(value, Encoded):
        return value
    writers = _writers(message)
    try:
        return Encoded(b"".join([writers[name](item) for name, item in value.items()]))
    except KeyError as error:
        raise UnknownField(f"{message} has no field {error} in gateway.wire_fields") from error


def encoded_any(value: Json | Encoded) -> Encoded:
    """A message that says its type."""
    if isinstance(value, Encoded):
        return value
    type_url = value["@type"]
    inner = encoded(type_url.partition("/")[2], {name: item for name, item in value.items() if name != "@type"})
    return Encoded(_delimited(1, type_url.encode()) + _delimited(2, inner))


@cache
def _writers(message: str) -> Mapping[str, Write]:
    if message not in FIELDS:
        raise UnknownField(f"{message} is not in gateway.wire_fields")
    return {name: _writer(number, kind) for name, (number, kind) in FIELDS[message].items()}


def _writer(number: int, kind: str) -> Write:
    if kind.endswith("*"):
        one = _writer(number, kind[:-1])
        return lambda items: b"".join([one(item) for item in items])
    if kind.startswith("{"):
        key, value = _writer(1, "string"), _writer(2, kind[1:-1])
        tag = _tag(number, _LENGTH)
        return lambda items: b"".join([_entry(tag, key(name) + value(items[name])) for name in sorted(items)])
    if kind.startswith("enum "):
        numbers, tag = ENUMS[kind.removeprefix("enum ")], _tag(number, _VARINT)
        return lambda name: tag + varint(numbers[name])
    if kind in ("bool", "int"):
        tag = _tag(number, _VARINT)
        return lambda item: tag + varint(int(item))
    tag, content = _tag(number, _LENGTH), _content(kind)
    return lambda item: _entry(tag, content(item))


def _content(kind: str) -> Callable[[Any], bytes]:
    special: Mapping[str, Callable[[Any], bytes]] = {
        "string": str.encode,
        "Any": encoded_any,
        "Duration": _duration,
        "Struct": _struct,
        **dict.fromkeys(WRAPPERS, lambda item: _tag(1, _VARINT) + varint(int(item))),
    }
    return special.get(kind) or (lambda item: encoded(kind, item))


def _duration(text: str) -> bytes:
    """`1.5s`"""
    seconds, rest = divmod(Decimal(text.removesuffix("s")), 1)
    return _tag(1, _VARINT) + varint(int(seconds)) + _tag(2, _VARINT) + varint(int(rest * 1_000_000_000))


def _struct(fields: Mapping[str, str]) -> bytes:
    """Of texts alone."""
    return b"".join([_text_of(name, fields[name]) for name in sorted(fields)])


@lru_cache(maxsize=10_000)
def _text_of(name: str, value: str) -> bytes:
    """One field of a Struct."""
    return _delimited(1, _delimited(1, name.encode()) + _delimited(2, _delimited(3, value.encode())))


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as the 64 bits of its two's complement."""
    if 0 <= number < 128:
        return _ONE_BYTE[number]
    if 0 <= number < 16_384:
        return bytes((number & 127 | 128, number >> 7))
    number &= 0xFFFF_FFFF_FFFF_FFFF
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


_ONE_BYTE = tuple(bytes((number,)) for number in range(128))


def _tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def _entry(tag: bytes, content: bytes) -> bytes:
    length = len(content)
    return tag + (_ONE_BYTE[length] if length < 128 else varint(length)) + content


def _delimited(number: int, content: bytes) -> bytes:
    return _entry(_tag(number, _LENGTH), content)
