"""One line of a gateway's call log becomes one call record. Pure: no database, no clock.

The gateway writes a JSON object a line (`propylon.gateway.call_log.FIELDS`). Envoy writes null, "-" or nothing for what
it does not know, and numbers sometimes as text; all of these are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from propylon.gateway.call_log import record_id
from propylon.gateway.refusals import refusal_code
from propylon.kernel.tracking import is_tracking_id

_refusal_code = lru_cache(maxsize=1_024)(refusal_code)  # few combinations, and the table is long
_LARGEST_SMALL = 32_767  # PostgreSQL's smallint, integer and bigint
_LARGEST = 2_147_483_647
_LARGEST_BIG = 9_223_372_036_854_775_807

# A record in the order of this table: column, key of the line (empty: computed), reader of the value.
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ParsedLines:
    """`rows` in the order of COLUMNS; `broken` is how many lines were no call record."""

    rows: list[Row]
    broken: int


def parse_lines(data: bytes, *, node: str, received_at: datetime) -> ParsedLines:
    """Whole lines to rows. A line that is no JSON object, or has no tracking id, is counted and left out."""
    rows: list[Row] = []
    broken = 0
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        row = _row(line, node, received_at)
        if row is None:
            broken += 1
        else:
            rows.append(row)
    return ParsedLines(rows, broken)


def _row(line: bytes, node: str, received_at: datetime) -> Row | None:
    call = _json(line)
    tracking_id = record_id(call) if isinstance(call, dict) else ""
    if not is_tracking_id(tracking_id):
        return None
    get = call.get
    status = _number(get("status"), _LARGEST_SMALL) or 0
    details = _text(get("details"), 300)
    refused = _refusal_code(details, _text(get("flags"), 300), status)
    computed = (tracking_id, _time(get("at"), received_at), node, status, refused[:80], details)
    return computed + tuple([read(get(key)) for key, read in _READERS])


def _json(line: bytes) -> Any:
    """None for what is no JSON. A killed gateway may leave half a line, which the next one's first line continues."""
    for start in (0, line.rfind(b'{"')):
        try:
            return json.loads(line[max(start, 0) :])
        except (ValueError, RecursionError):
            continue
    return None


def _text(value: object, length: int) -> str:
    if value is None or value == "-":
        return ""
    text = value if isinstance(value, str) else str(value)
    if not text.isascii():
        text = text.encode(errors="replace").decode()  # half a surrogate pair cannot be stored
    return text.replace("\0", "")[:length]  # nor can NUL in PostgreSQL


def _number(value: object, largest: int) -> int | None:
    """A whole number from 0 to `largest`; None for what is no number. Durations may come with a fraction."""
    if type(value) is not int:
        try:
            value = int(float(value))  # type: ignore[arg-type]  # whatever float() cannot read is no number
        except (TypeError, ValueError, OverflowError):
            return None
    return min(max(value, 0), largest)


def _time(value: object, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]  # as in _number
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def _texts(length: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        return _text(value, length)

    return read


def _count(value: object) -> int:
    return _number(value, _LARGEST_BIG) or 0


def _duration(value: object) -> int:
    return _number(value, _LARGEST) or 0


def _upstream_duration(value: object) -> int | None:
    return _number(value, _LARGEST)


_COMPUTED = ("tracking_id", "at", "node", "status", "refusal_code", "details")
_READ = (
    # column of CallRecord, key of the line, reader
    ("caller_request_id", "caller_id", _texts(128)),
    ("listener", "listener", _texts(8)),
    ("environment", "environment", _texts(40)),
    ("product", "product", _texts(60)),
    ("version", "version", _texts(20)),
    ("operation", "operation", _texts(160)),
    ("method", "method", _texts(16)),
    ("path", "path", _texts(2100)),
    ("client_id", "client", _texts(40)),
    ("application_id", "application", _texts(40)),
    ("grant_id", "grant", _texts(40)),
    ("jti", "jti", _texts(40)),
    ("source_address", "address", _texts(45)),
    ("certificate_fingerprint", "fingerprint", _texts(64)),
    ("duration_ms", "duration_ms", _duration),
    ("upstream_ms", "upstream_ms", _upstream_duration),
    ("bytes_received", "received", _count),
    ("bytes_sent", "sent", _count),
)
_READERS = tuple((key, read) for _column, key, read in _READ)
COLUMNS = _COMPUTED + tuple(column for column, _key, _reader in _READ)
TIME_COLUMN = COLUMNS.index("at")
