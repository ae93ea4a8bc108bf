"""How many calls of each client reached an upstream in a day and in a month, by the calendar in UTC: what quotas count.

A call that the gateway refused used nothing. Written in the transaction that stores the records: exactly once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connections

from propylon.usage.call_lines import COLUMNS, Row
from propylon.usage.ingest_connection import DATABASE
from propylon.usage.models import PeriodCalls

# The upstream answered, or it may have acted although no answer came of it.
_REACHED = frozenset({"", "gateway.upstream.timeout", "gateway.upstream.failed", "gateway.answer.too_large"})
_AT, _CLIENT = COLUMNS.index("at"), COLUMNS.index("client_id")
_ENVIRONMENT, _REFUSAL = COLUMNS.index("environment"), COLUMNS.index("refusal_code")
_DAY, _MONTH = len("2026-11-22"), len("2026-11")


def day_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def month_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def count_for_quotas(rows: Iterable[Row]) -> None:
    """Adds the calls to their client's day and month. Within the caller's transaction."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row[_CLIENT] and row[_ENVIRONMENT] and row[_REFUSAL] in _REACHED:
            counted[row[_CLIENT], row[_AT][:_DAY]] += 1
    for (client_id, day), calls in list(counted.items()):
        counted[client_id, day[:_MONTH]] += calls
    if not counted:
        return
    connection = connections[DATABASE]
    table = connection.ops.quote_name(PeriodCalls._meta.db_table)  # noqa: SLF001
    statement = (
        f"INSERT INTO {table} (client_id, period, calls) VALUES (%s, %s, %s) "  # noqa: S608  (the name is ours)
        f"ON CONFLICT (client_id, period) DO UPDATE SET calls = {table}.calls + excluded.calls"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*key, calls) for key, calls in sorted(counted.items())])


def calls_counted(client_ids: Iterable[str], periods: Iterable[str]) -> dict[tuple[str, str], int]:
    """(client id, "2026-11-22" or "2026-11") to calls; what is not there is 0."""
    found = PeriodCalls.objects.filter(client_id__in=list(client_ids), period__in=list(periods))
    return {(client, period): calls for client, period, calls in found.values_list("client_id", "period", "calls")}


def forget_periods_before(moment: datetime) -> int:
    """Days and months that ended before; how many counts."""
    days = PeriodCalls.objects.filter(period__regex=r"^.{10}$", period__lt=day_of(moment))
    months = PeriodCalls.objects.filter(period__regex=r"^.{7}$", period__lt=month_of(moment))
    return sum(found._raw_delete(DATABASE) for found in (days, months))  # noqa: SLF001
