"""What a resource says, in JSON also when it is binary: for people and tests. The reverse of gateway.wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from propylon.gateway.envoy_types import Json
from propylon.gateway.snapshot import BINARY_KINDS, Resource
from propylon.gateway.wire import WRAPPERS
from propylon.gateway.wire_fields import ENUMS, FIELDS

Raw = int | bytes


def decoded(resource: Resource) -> Json:
    """A resource of any kind: `{"version_info", "resources"}`."""
    if resource.kind in BINARY_KINDS:
        return read_response(resource.content)
    found: Json = json.loads(resource.text)
    return found


def read_response(data: bytes) -> Json:
    """A DiscoveryResponse: `{"version_info", "resources"}`. Raises ValueError for what is no such thing."""
    fields = list(_fields(data))
    version = next((_bytes(raw).decode() for number, raw in fields if number == 1), "")
    return {"version_info": version, "resources": [read_any(_bytes(raw)) for number, raw in fields if number == 2]}


def read_any(data: bytes) -> Json:
    fields = dict(_fields(data))
    type_url = _bytes(fields[1]).decode()
    return {"@type": type_url, **read(type_url.partition("/")[2], _bytes(fields.get(2, b"")))}


def read(message: str, data: bytes) -> Json:
    by_number = {number: (name, kind) for name, (number, kind) in FIELDS[message].items()}
    found: Json = {}
    for number, raw in _fields(data):
        if number not in by_number:
            raise ValueError(f"{message} has a field {number}, which gateway.wire_fields does not know")
        name, kind = by_number[number]
        if kind.endswith("*"):
            found.setdefault(name, []).append(_value(kind[:-1], raw))
        elif kind.startswith("{"):
            entry = dict(_fields(_bytes(raw)))
            found.setdefault(name, {})[_bytes(entry[1]).decode()] = _value(kind[1:-1], entry[2])
        else:
            found[name] = _value(kind, raw)
    return found


def _value(kind: str, raw: Raw) -> Any:
    if isinstance(raw, int):
        return _number(kind, raw)
    special: dict[str, Callable[[bytes], Any]] = {
        "string": bytes.decode,
        "Any": read_any,
        "Duration": _duration,
        "Struct": _struct,
        **{wrapper: lambda data: _number(kind.lower(), _one(data)) for wrapper in WRAPPERS},
    }
    return special[kind](raw) if kind in special else read(kind, raw)


def _number(kind: str, number: int) -> bool | int | str:
    if kind == "bool":
        return bool(number)
    if kind.startswith("enum "):
        return next(name for name, value in ENUMS[kind.removeprefix("enum ")].items() if value == number)
    return number - (1 << 64) if number >> 63 else number


def _one(data: bytes) -> int:
    return int(dict(_fields(data)).get(1, 0))


def _duration(data: bytes) -> str:
    fields = dict(_fields(data))
    return f"{int(fields.get(1, 0)) + int(fields.get(2, 0)) / 1e9:g}s"


def _struct(data: bytes) -> dict[str, str]:
    entries = (dict(_fields(_bytes(raw))) for _, raw in _fields(data))
    return {_bytes(entry[1]).decode(): _bytes(dict(_fields(_bytes(entry[2])))[3]).decode() for entry in entries}


def _bytes(raw: Raw) -> bytes:
    return b"" if isinstance(raw, int) else raw


def _fields(data: bytes) -> Iterator[tuple[int, Raw]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, at = _varint(data, at)
        if tag & 7 == 0:
            yield tag >> 3, number
        elif tag & 7 == 2 and at + number <= len(data):
            yield tag >> 3, data[at : at + number]
            at += number
        else:
            raise ValueError("no protobuf message")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(data):
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
    raise ValueError("no protobuf message")
