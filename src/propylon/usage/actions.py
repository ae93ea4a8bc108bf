"""Taking call records in: records and offset in one transaction, the same bytes never twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from operator import itemgetter

from django.db import connections, transaction
from django.utils import timezone

from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.usage.call_lines import COLUMNS, ParsedLines, Row, parse_lines
from propylon.usage.ingest_connection import DATABASE
from propylon.usage.models import CallRecord, PendingCounts, ShippedSegment
from propylon.usage.parts import part_to_fill
from propylon.usage.quota_counts import count_for_quotas
from propylon.usage.waiting_calls import pack

_log = logging.getLogger(__name__)
_TRACKING_ID, _AT = COLUMNS.index("tracking_id"), COLUMNS.index("at")


class _SomeKnownError(Exception):
    """The same call lies in another segment, or twice in this one."""


def ingest_lines(*, node: str, segment: str, offset: int, data: bytes) -> int:
    """Store the calls of `data`, which lies at byte `offset` of the node's log segment; the new offset.

    Bytes that are known already are skipped, an incomplete last line is left for the next time. A gap (an offset beyond
    what is stored) is `usage.segment.gap`; its first error's `reason` is the stored offset in digits, to go back to.
    """
    try:
        return _ingest(node, segment, offset, data, choose=list)
    except _SomeKnownError:  # rare, so that looking first would be waste
        return _ingest(node, segment, offset, data, choose=_unknown)


@transaction.atomic(using=DATABASE)
def _ingest(node: str, segment: str, offset: int, data: bytes, *, choose: Callable[[list[Row]], list[Row]]) -> int:
    shipped = _locked_segment(node, segment)
    if offset > shipped.offset:
        raise _gap(node, segment, offset, shipped.offset)
    fresh = data[shipped.offset - offset :]
    fresh = fresh[: fresh.rfind(b"\n") + 1]
    if not fresh:
        return shipped.offset
    now = timezone.now()
    parsed = parse_lines(fresh, node=node, received_at=now)
    rows = choose(parsed.rows)
    _insert(rows)
    _count(rows, now)
    _report_broken(parsed, node, segment, shipped.offset)
    shipped.offset += len(fresh)
    shipped.updated_at = now
    shipped.save(using=DATABASE, update_fields=["offset", "updated_at"])
    return shipped.offset


def forget_calls_before(moment: datetime, *, at_once: int = 5_000) -> int:
    """Delete the records of calls before `moment`, a batch a transaction so that ingestion gets its turn; how many."""
    deleted = 0
    while True:
        batch = list(CallRecord.objects.filter(at__lt=moment).order_by("at").values_list("pk", flat=True)[:at_once])
        if not batch:
            break
        # _raw_delete: nothing refers to a record, so there is nothing to collect first
        deleted += CallRecord.objects.filter(pk__in=batch)._raw_delete(DATABASE)  # noqa: SLF001
    ShippedSegment.objects.filter(updated_at__lt=moment).delete()
    return deleted


def _locked_segment(node: str, segment: str) -> ShippedSegment:
    ShippedSegment.objects.bulk_create(
        [ShippedSegment(node=node, segment=segment, offset=0, updated_at=timezone.now())], ignore_conflicts=True
    )
    return ShippedSegment.objects.select_for_update().get(node=node, segment=segment)


def _gap(node: str, segment: str, offset: int, stored: int) -> PropylonError:
    return PropylonError(
        "usage.segment.gap",
        f"Segment {segment} of node {node} is known up to byte {stored}; send it again from there.",
        kind=Kind.CONFLICT,
        errors=[FieldError("offset", "query", str(stored))],
        detail=f"sent offset {offset}",
    )


def _insert(rows: list[Row]) -> None:
    """One prepared statement for all rows. A tracking id that is there already stays as it is: `_SomeKnownError`."""
    if not rows:
        return
    connection = connections[DATABASE]
    table, columns = connection.ops.quote_name(CallRecord._meta.db_table), ", ".join(COLUMNS)  # noqa: SLF001
    statement = (
        f"INSERT INTO {table} ({columns}, part) "  # noqa: S608  (names are ours)
        f"VALUES ({', '.join(['%s'] * len(COLUMNS))}, {part_to_fill()}) ON CONFLICT (at, tracking_id) DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        if cursor.rowcount != len(rows):
            raise _SomeKnownError


def _unknown(rows: list[Row]) -> list[Row]:
    """Those that are not stored, each once: what is known of a call is its tracking id and its time."""
    first = {row[_TRACKING_ID]: row for row in reversed(rows)}
    by_time = sorted(first.values(), key=itemgetter(_AT))
    for begin in range(0, len(by_time), 500):
        some = by_time[begin : begin + 500]
        between = (_moment(some[0][_AT]), _moment(some[-1][_AT]))
        known = CallRecord.objects.filter(at__range=between, tracking_id__in=[row[_TRACKING_ID] for row in some])
        for tracking_id in known.values_list("tracking_id", flat=True):
            del first[tracking_id]
    return [row for row in rows if first.get(row[_TRACKING_ID]) is row]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _count(rows: list[Row], now: datetime) -> None:
    """In the transaction that stores the records, so that each is counted exactly once."""
    if rows:
        count_for_quotas(rows)
        PendingCounts.objects.create(counted=pack(rows), calls=len(rows), received_at=now)


def _report_broken(parsed: ParsedLines, node: str, segment: str, offset: int) -> None:
    if parsed.broken:
        _log.warning(
            "usage.lines.broken",
            extra={"node": node, "segment": segment, "offset": offset, "broken": parsed.broken},
        )
