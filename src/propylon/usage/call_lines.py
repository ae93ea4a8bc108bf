"""One line of a gateway's call log becomes one call record. Pure: no database, no clock.

`propylon.gateway.call_log` says what a line is. Numbers are read tolerantly: what is none counts as not known.
Each line costs the processor some microseconds: what repeats from call to call is read once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from propylon.gateway.call_log import FIELDS, LINE_MARK
from propylon.gateway.refusals import EARLY_DETAILS, refusal_code
from propylon.kernel.tracking import TRACKING_ID

_LARGEST_SMALL = 32_767  # PostgreSQL's smallint, integer and bigint
_LARGEST = 2_147_483_647
_LARGEST_BIG = 9_223_372_036_854_775_807
_LONGEST_PATH, _LONGEST_CALLER_ID, _LONGEST_REFUSAL, _LONGEST_DETAILS = 2_100, 128, 80, 300
_LONGEST_ID = 40
_LONGEST_FINGERPRINT = 64
_MOST_REMEMBERED = 5_000
_AT_ONCE = 100  # lines

# A record in the order of COLUMNS.
Row = tuple[Any, ...]
Read = TypeVar("Read")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ParsedLines:
    """`rows` in the order of COLUMNS; `broken` is how many lines were no call record."""

    rows: list[Row]
    broken: int


def parse_lines(data: bytes, *, node: str, received_at: datetime) -> ParsedLines:
    """Whole lines to rows. What is no line of a call log, or has no tracking id, is counted and left out."""
    rows: list[Row] = []
    lines = data.decode(errors="replace").split("\n")
    for begin in range(0, len(lines), _AT_ONCE):
        rows += _rows(lines[begin : begin + _AT_ONCE], node, time_text(received_at))
    return ParsedLines(rows, sum(map(bool, lines)) - len(rows))


def time_text(moment: datetime) -> str:
    """The text that SQLite keeps of a time; PostgreSQL, whose sessions are in UTC, reads the same."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


class _Remembered(dict[Read, Value]):
    """Texts by what they are read as; forgets everything when it has grown large."""

    def __init__(self, read: Callable[[Read], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Read) -> Value:
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


def _outcome(texts: tuple[str, str, str]) -> tuple[int, str, str]:
    """Status, refusal code and Envoy's words: few combinations, and the table of refusals is long."""
    status_text, details_text, flags = texts
    status, details = _statuses[status_text], _text(_LONGEST_DETAILS)(details_text)
    refused = refusal_code(details, "" if flags == "-" else flags, status)
    return status, refused[:_LONGEST_REFUSAL], details


_outcomes = _Remembered(_outcome)


def _free(texts: Iterable[str], length: int) -> list[str]:
    """A column that differs from call to call."""
    return ["" if text == "-" else text[:length] for text in texts]


_COUNT = len(FIELDS)
_ORDER = (
    "at id early_id listener environment product version operation status details flags client application grant jti "
    "duration_ms upstream_ms received sent address fingerprint protocol tls method path caller_id"
)
if tuple(_ORDER.split()) != tuple(FIELDS):
    raise ImportError("gateway.call_log.FIELDS has changed: read them here in the same order.")


_ID, _EARLY_ID, _DETAILS = (1 + _ORDER.split().index(name) for name in ("id", "early_id", "details"))


def _tracking_id(values: Sequence[str]) -> str:
    """ "" for a line that has none."""
    if values[_DETAILS] not in EARLY_DETAILS and TRACKING_ID.match(values[_ID]):
        return values[_ID]
    early = values[_EARLY_ID]  # what the caller was told of a request that was refused before an id was made
    return early if TRACKING_ID.match(early) else ""


def _rows(lines: Sequence[str], node: str, otherwise: str) -> list[Row]:
    """Column by column, which is quicker than line by line as long as all of it is in the processor's cache."""
    split = [line.split("\t", _COUNT) for line in lines]
    whole = [values for values in split if len(values) > _COUNT and values[0] == LINE_MARK]
    ids = [_tracking_id(values) for values in whole]
    if "" in ids:
        whole = [values for values, tracking_id in zip(whole, ids, strict=True) if tracking_id]
        ids = [tracking_id for tracking_id in ids if tracking_id]
    if not ids:
        return []
    # fmt: off
    (_, at, _, _, listener, environment, product, version, operation, status, details, flags, client, application,
     grant, jti, duration_ms, upstream_ms, received, sent, address, fingerprint, _, _, method, path,
     caller_id) = zip(*whole, strict=True)
    # fmt: on
    return list(
        zip(
            ids,
            [time or otherwise for time in map(_times.__getitem__, at)],
            [node] * len(ids),
            *zip(*map(_outcomes.__getitem__, zip(status, details, flags, strict=True)), strict=True),
            _free(caller_id, _LONGEST_CALLER_ID),
            map(_listeners.__getitem__, listener),
            map(_names.__getitem__, environment),
            map(_products.__getitem__, product),
            map(_versions.__getitem__, version),
            map(_operations.__getitem__, operation),
            map(_methods.__getitem__, method),
            _free(path, _LONGEST_PATH),
            map(_names.__getitem__, client),
            map(_names.__getitem__, application),
            _free(grant, _LONGEST_ID),
            _free(jti, _LONGEST_ID),
            map(_addresses.__getitem__, address),
            _free(fingerprint, _LONGEST_FINGERPRINT),
            map(_durations.__getitem__, duration_ms),
            map(_upstream_durations.__getitem__, upstream_ms),
            map(_sizes.__getitem__, received),
            map(_sizes.__getitem__, sent),
            strict=True,
        )
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
