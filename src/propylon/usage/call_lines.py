"""One line of a gateway's call log becomes one call record. Pure: no database, no clock.

`propylon.gateway.call_log` says what a line is. Numbers are read tolerantly: what is none counts as not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from propylon.gateway.call_log import read_line, record_id
from propylon.gateway.refusals import refusal_code
from propylon.kernel.tracking import is_tracking_id

_refusal_code = lru_cache(maxsize=1_024)(refusal_code)  # few combinations, and the table is long
_LARGEST_SMALL = 32_767  # PostgreSQL's smallint, integer and bigint
_LARGEST = 2_147_483_647
_LARGEST_BIG = 9_223_372_036_854_775_807

# A record in the order of COLUMNS.
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ParsedLines:
    """`rows` in the order of COLUMNS; `broken` is how many lines were no call record."""

    rows: list[Row]
    broken: int


def parse_lines(data: bytes, *, node: str, received_at: datetime) -> ParsedLines:
    """Whole lines to rows. What is no line of a call log, or has no tracking id, is counted and left out."""
    rows: list[Row] = []
    broken = 0
    for line in data.decode(errors="replace").split("\n"):
        if not line:
            continue
        call = read_line(line)
        row = _row(call, node, received_at) if call else None
        if row is None:
            broken += 1
        else:
            rows.append(row)
    return ParsedLines(rows, broken)


def _row(call: Mapping[str, str], node: str, received_at: datetime) -> Row | None:
    tracking_id = record_id(call)
    if not is_tracking_id(tracking_id):
        return None
    status = _number(call["status"], _LARGEST_SMALL) or 0
    details = call["details"][:300]
    refused = _refusal_code(details, call["flags"], status)
    computed = (tracking_id, _time(call["at"], received_at), node, status, refused[:80], details)
    return computed + tuple([read(call[key]) for key, read in _READERS])


def _number(value: str, largest: int) -> int | None:
    """A whole number from 0 to `largest`; None for what is no number."""
    try:
        return min(max(int(value), 0), largest)
    except ValueError:
        return None


def _time(value: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _texts(length: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        return value[:length]

    return read


def _count(value: str) -> int:
    return _number(value, _LARGEST_BIG) or 0


def _duration(value: str) -> int:
    return _number(value, _LARGEST) or 0


def _upstream_duration(value: str) -> int | None:
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
