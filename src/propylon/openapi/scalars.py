"""Texts and numbers that satisfy a schema without members: formats, patterns, lengths, bounds."""

from __future__ import annotations

import base64
import re
import string
import uuid
from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from propylon.openapi.draw import Draw
from propylon.openapi.patterns import sample
from propylon.openapi.schemas import Schema

_HEX = "0123456789abcdef"


def make_text(schema: Schema, draw: Draw, name: str) -> str:
    """A text by pattern, by format, or readable words from the property's name; within its lengths."""
    low, high = int(schema.get("minLength", 0)), int(schema.get("maxLength", 10_000))
    pattern, form = schema.get("pattern"), _FORMATS.get(str(schema.get("format")))
    if isinstance(pattern, str):
        found = sample(pattern, draw, low, high)
        if found is not None:
            return found
    if form is not None:
        text = form(draw)
        if low <= len(text) <= high:
            return text
    return _fitting(f"{_words(name)} {draw.between(1, 9999)}", low, high)


def make_identifier(schema: Schema, draw: Draw, noun: str) -> Any:
    """A value for a property that names an item: safe in an address."""
    if "integer" in _kinds(schema) or "number" in _kinds(schema):
        return make_number({"minimum": 1001, **schema} if _holds_thousands(schema) else schema, draw, is_whole=True)
    if "pattern" in schema or schema.get("format") in _FORMATS:
        return make_text(schema, draw, noun)
    text = f"{noun}-{draw.text(_HEX, 8)}"
    low, high = int(schema.get("minLength", 0)), int(schema.get("maxLength", 10_000))
    return text[-high:].lstrip("-").ljust(low, "0") if high else ""


def make_number(schema: Schema, draw: Draw, *, is_whole: bool) -> int | float:
    """A number within the bounds; every candidate is exact, so that `multipleOf` holds."""
    step = Decimal(str(schema.get("multipleOf", 1 if is_whole else "0.01")))
    if is_whole and step % 1:
        step = Decimal(1)
    low, high = _bounds(schema, step)
    first, last = int((low / step).to_integral(ROUND_CEILING)), int((high / step).to_integral(ROUND_FLOOR))
    if first > last:  # no multiple of our step lies between: the middle will do for an open range
        return float((low + high) / 2)
    number = draw.between(first, last) * step
    return int(number) if number == number.to_integral() else float(number)


def _bounds(schema: Schema, step: Decimal) -> tuple[Decimal, Decimal]:
    lows = [_decimal(schema[key]) + extra for key, extra in _steps("inimum", step) if _is_number(schema.get(key))]
    highs = [_decimal(schema[key]) - extra for key, extra in _steps("aximum", step) if _is_number(schema.get(key))]
    low, high = max(lows, default=None), min(highs, default=None)
    if low is None and high is None:
        return Decimal(1), Decimal(1000) * max(step, Decimal(1))
    if low is None:
        assert high is not None  # noqa: S101  (the case before)
        return high - 1000 * step, high
    return low, low + 1000 * step if high is None else high


def _steps(bound: str, step: Decimal) -> Iterator[tuple[str, Decimal]]:
    yield "m" + bound, Decimal(0)
    yield "exclusiveM" + bound, min(step, Decimal("0.000001")) if step % 1 else step


def _decimal(number: Any) -> Decimal:
    return Decimal(str(number))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _holds_thousands(schema: Schema) -> bool:
    has_low = any(_is_number(schema.get(key)) and schema[key] > 1001 for key in ("minimum", "exclusiveMinimum"))
    return not has_low and all(schema.get(key, 10_000) > 9_999 for key in ("maximum", "exclusiveMaximum"))


def _kinds(schema: Schema) -> list[str]:
    kind = schema.get("type", "string")
    return [kind] if isinstance(kind, str) else list(kind)


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).strip().lower()
    return spaced[:1].upper() + spaced[1:] if spaced else "Text"


def _fitting(text: str, low: int, high: int) -> str:
    """Cut from the left, where the words are: the number at the end tells items apart."""
    if len(text) > high:
        text = text[len(text) - high :] if high else ""
    while len(text) < low:
        text += " " + text if text else "text"
        text = text[: max(low, 1)]
    return text


def _date(draw: Draw) -> str:
    return f"{draw.between(2021, 2025)}-{draw.between(1, 12):02}-{draw.between(1, 28):02}"


def _time(draw: Draw) -> str:
    return f"{draw.below(24):02}:{draw.below(60):02}:{draw.below(60):02}Z"


def _base64(draw: Draw) -> str:
    return base64.b64encode(draw.text(string.ascii_letters, 24).encode()).decode()


def _address(draw: Draw) -> str:
    return f"https://example.com/{draw.text(_HEX, 12)}"


def _uuid(draw: Draw) -> str:
    return str(uuid.UUID(int=draw.below(1 << 128), version=4))


_FORMATS: dict[str, Callable[[Draw], str]] = {
    "date": _date,
    "time": _time,
    "date-time": lambda draw: f"{_date(draw)}T{_time(draw)}",
    "duration": lambda draw: f"P{draw.between(1, 30)}D",
    "uuid": _uuid,
    "uri": _address,
    "url": _address,
    "uri-reference": _address,
    "iri": _address,
    "email": lambda draw: f"{draw.text(string.ascii_lowercase, 8)}@example.com",
    "hostname": lambda draw: f"{draw.text(string.ascii_lowercase, 8)}.example.com",
    "ipv4": lambda draw: f"192.0.2.{draw.between(1, 254)}",
    "ipv6": lambda draw: f"2001:db8::{draw.between(1, 9999)}",
    "byte": _base64,
    "json-pointer": lambda draw: f"/{draw.text(string.ascii_lowercase, 6)}",
}
