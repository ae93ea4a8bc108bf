"""One line of a gateway's call log becomes one call record. Pure: no database, no clock.

`propylon.gateway.call_log` says what a line is. Numbers are read tolerantly: what is none counts as not known.
Each line costs the processor some microseconds: what repeats from call to call is read once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from propylon.gateway.call_log import FIELDS, LINE_MARK
from propylon.gateway.refusals import EARLY_DETAILS, refusal_code
from propylon.kernel.tracking import is_tracking_id

_LARGEST_SMALL = 32_767  # PostgreSQL's smallint, integer and bigint
_LARGEST = 2_147_483_647
_LARGEST_BIG = 9_223_372_036_854_775_807
_LONGEST_PATH, _LONGEST_CALLER_ID, _LONGEST_REFUSAL, _LONGEST_DETAILS = 2_100, 128, 80, 300
_LONGEST_ID = 40
_LONGEST_FINGERPRINT = 64
_MOST_REMEMBERED = 5_000

# A record in the order of COLUMNS.
Row = tuple[Any, ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ParsedLines:
    """`rows` in the order of COLUMNS; `broken` is how many lines were no call record."""

    rows: list[Row]
    broken: int


def parse_lines(data: bytes, *, node: str, received_at: datetime) -> ParsedLines:
    """Whole lines to rows. What is no line of a call log, or has no tracking id, is counted and left out."""
    rows: list[Row] = []
    broken = 0
    otherwise = time_text(received_at)
    for line in data.decode(errors="replace").split("\n"):
        if line:
            row = _row(line, node, otherwise)
            if row is None:
                broken += 1
            else:
                rows.append(row)
    return ParsedLines(rows, broken)


def time_text(moment: datetime) -> str:
    """The text that SQLite keeps of a time; PostgreSQL, whose sessions are in UTC, reads the same."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


class _Remembered(dict[str, Value]):
    """Texts by what they are read as; forgets everything when it has grown large."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Value:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value


def _text(length: int) -> Callable[[str], str]:
    return lambda text: "" if text == "-" else text[:length]


def _number(largest: int) -> Callable[[str], int | None]:
    """A whole number from 0 to `largest`; None for what is no number."""

    def read(text: str) -> int | None:
        try:
            return min(max(int(text), 0), largest)
        except ValueError:
            return None

    return read


def _number_or_0(largest: int) -> Callable[[str], int]:
    read = _number(largest)
    return lambda text: read(text) or 0


def _time(text: str) -> str:
    """ "" for what is no time."""
    try:
        return time_text(datetime.fromtimestamp(float(text), UTC))
    except (ValueError, OverflowError, OSError):
        return ""


_times = _Remembered(_time)
_statuses = _Remembered(_number_or_0(_LARGEST_SMALL))
_durations = _Remembered(_number_or_0(_LARGEST))
_upstream_durations = _Remembered(_number(_LARGEST))
_sizes = _Remembered(_number_or_0(_LARGEST_BIG))
_listeners = _Remembered(_text(8))
_names = _Remembered(_text(_LONGEST_ID))  # of environments, clients, applications
_products = _Remembered(_text(60))
_versions = _Remembered(_text(20))
_operations = _Remembered(_text(160))
_methods = _Remembered(_text(16))
_addresses = _Remembered(_text(45))
_outcomes: dict[tuple[str, str, str], tuple[int, str, str]] = {}


def _outcome(status_text: str, details_text: str, flags: str) -> tuple[int, str, str]:
    """Status, refusal code and Envoy's words: few combinations, and the table of refusals is long."""
    key = (status_text, details_text, flags)
    if key not in _outcomes:
        if len(_outcomes) >= _MOST_REMEMBERED:
            _outcomes.clear()
        status, details = _statuses[status_text], _text(_LONGEST_DETAILS)(details_text)
        refused = refusal_code(details, "" if flags == "-" else flags, status)
        _outcomes[key] = (status, refused[:_LONGEST_REFUSAL], details)
    return _outcomes[key]


def _free(text: str, length: int) -> str:
    """What differs from call to call."""
    return "" if text == "-" else text[:length]


_COUNT = len(FIELDS)
_ORDER = (
    "at id early_id listener environment product version operation status details flags client application grant jti "
    "duration_ms upstream_ms received sent address fingerprint protocol tls method path caller_id"
)
if tuple(_ORDER.split()) != tuple(FIELDS):
    raise ImportError("gateway.call_log.FIELDS has changed: read them here in the same order.")


def _row(line: str, node: str, otherwise: str) -> Row | None:
    values = line.split("\t", _COUNT)
    if len(values) <= _COUNT or values[0] != LINE_MARK:
        return None
    # fmt: off
    (_, at, tracking_id, early_id, listener, environment, product, version, operation, status, details, flags, client,
     application, grant, jti, duration_ms, upstream_ms, received, sent, address, fingerprint, _protocol, _tls, method,
     path, caller_id) = values
    # fmt: on
    if details in EARLY_DETAILS or not is_tracking_id(tracking_id):
        tracking_id = early_id  # what the caller was told of a request that was refused before an id was made
        if not is_tracking_id(tracking_id):
            return None
    return (
        tracking_id,
        _times[at] or otherwise,
        node,
        *_outcome(status, details, flags),
        _free(caller_id, _LONGEST_CALLER_ID),
        _listeners[listener],
        _names[environment],
        _products[product],
        _versions[version],
        _operations[operation],
        _methods[method],
        _free(path, _LONGEST_PATH),
        _names[client],
        _names[application],
        _free(grant, _LONGEST_ID),
        _free(jti, _LONGEST_ID),
        _addresses[address],
        _free(fingerprint, _LONGEST_FINGERPRINT),
        _durations[duration_ms],
        _upstream_durations[upstream_ms],
        _sizes[received],
        _sizes[sent],
    )


COLUMNS = (
    "tracking_id",
    "at",
    "node",
    "status",
    "refusal_code",
    "details",
    "caller_request_id",
    "listener",
    "environment",
    "product",
    "version",
    "operation",
    "method",
    "path",
    "client_id",
    "application_id",
    "grant_id",
    "jti",
    "source_address",
    "certificate_fingerprint",
    "duration_ms",
    "upstream_ms",
    "bytes_received",
    "bytes_sent",
)
