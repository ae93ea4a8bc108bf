"""Rollups count every record exactly once, in every series and grain, whatever is sent again or breaks off."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone

from call_lines import call_line
from propylon.accounts.models import Organization
from propylon.applications.models import Application
from propylon.usage.actions import ingest_lines
from propylon.usage.called_operations import called_operations
from propylon.usage.counts import Counts, Grain, SeriesKind
from propylon.usage.models import CallRecord, DayCounts, PendingCounts, Series
from propylon.usage.periods import PeriodName, period
from propylon.usage.rollups import COLUMNS, TABLES, add_up, counts_of
from propylon.usage.tasks import forget_old_counts

pytestmark = pytest.mark.django_db(databases=["default", "usage"])

LATE = int(datetime(2026, 11, 20, 23, 58, tzinfo=UTC).timestamp())  # calls from here on cross hour and day
EXPIRED = "jwt_authn_access_denied{Jwt_is_expired}"


@pytest.fixture(autouse=True)
def partner() -> None:
    owner = Organization.objects.create(public_id="org_partner", name="Partner", created_at=timezone.now())
    for name in ("app_0", "app_1"):
        Application.objects.create(
            public_id=name, organization=owner, name=name, type="server", contact_email="", created_at=timezone.now()
        )


def _line(**changes: object) -> bytes:
    call: dict[str, object] = {
        "at": LATE,
        "id": str(uuid.uuid4()),
        "listener": "public",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "status": 200,
        "details": "via_upstream",
        "application": "app_0",
        "duration_ms": 7,
        "received": 10,
        "sent": 2048,
    }
    return call_line(call | changes)


def _many(count: int) -> list[bytes]:
    chance = random.Random(3)
    outcomes = [(200, "via_upstream"), (404, "via_upstream"), (401, EXPIRED), (503, "no_healthy_upstream"), (0, "-")]
    lines = []
    for _ in range(count):
        status, details = chance.choice(outcomes)
        lines.append(
            _line(
                at=LATE + chance.randrange(240),
                status=status,
                details=details,
                environment=chance.choice(["sandbox", "production"]),
                operation=chance.choice(["listAccounts", "getAccount"]),
                application=chance.choice(["app_0", "app_1", "app_gone", None]),
                duration_ms=chance.randrange(4_000),
            )
        )
    return lines


def _ingest(data: bytes, offset: int = 0, segment: str = "s") -> int:
    return ingest_lines(node="node-1", segment=segment, offset=offset, data=data)


def _counted(grain: Grain, kind: SeriesKind, **names: str) -> Counts:
    """All of these series together."""
    total = Counts()
    for number in Series.objects.filter(kind=kind, **names).values_list("pk", flat=True):
        for row in TABLES[grain].objects.filter(series_id=number).values_list(*COLUMNS):
            total.add(counts_of(row))
    return total


def _total(grain: Grain = Grain.DAY) -> int:
    return _counted(grain, SeriesKind.ENVIRONMENT).calls


@pytest.mark.parametrize("grain", list(Grain))
def test_every_series_counts_what_the_records_say(grain: Grain) -> None:
    lines = _many(300)
    offset = 0
    for begin in range(0, 300, 60):
        offset = _ingest(b"".join(lines[begin : begin + 60]), offset)
        if begin % 120:
            add_up()
    add_up()
    records = list(CallRecord.objects.all())
    for kind, names, belongs in (
        (SeriesKind.ENVIRONMENT, {"environment": "sandbox"}, lambda it: it.environment == "sandbox"),
        (SeriesKind.PRODUCT, {"product": "accounts"}, lambda it: True),
        (SeriesKind.OPERATION, {"operation": "getAccount"}, lambda it: it.operation == "getAccount"),
        (SeriesKind.APPLICATION, {"application": "app_gone"}, lambda it: it.application_id == "app_gone"),
        (SeriesKind.ORGANIZATION, {"organization": "org_partner"}, lambda it: it.application_id in {"app_0", "app_1"}),
    ):
        these = [it for it in records if belongs(it)]
        found = _counted(grain, kind, **names)
        assert found.calls == len(these) > 0
        assert found.duration_ms == sum(it.duration_ms for it in these)
        assert found.bytes_sent == sum(it.bytes_sent for it in these)
        assert found.errors == sum(it.status >= 400 for it in these)
        assert found.failed == sum(it.status >= 500 for it in these)
        assert found.refused == sum(it.refusal_code != "" for it in these)
        assert found.codes == Counter(f"{it.status} {it.refusal_code}".strip() for it in these)
        assert sum(found.latency.values()) == len(these)


def test_application_by_operation_is_counted_by_day() -> None:
    _ingest(b"".join(_many(100)))
    add_up()
    of_one = CallRecord.objects.filter(application_id="app_1", operation="getAccount").count()
    rows = called_operations("app_1", period(PeriodName.DAY, datetime.fromtimestamp(LATE + 240, UTC)))
    assert sum(row.figures.calls for row in rows if row.operation == "getAccount") == of_one > 0


def test_minutes_hours_days_and_weeks_begin_where_those_of_utc_do() -> None:
    _ingest(_line(at=LATE + 119.999) + _line(at=LATE + 120))
    add_up()
    midnight = LATE + 120
    starts = [list(TABLES[grain].objects.order_by("start").values_list("start", flat=True)) for grain in Grain]
    assert [sorted(set(each)) for each in starts] == [
        [midnight - 60, midnight],
        [midnight - 3_600, midnight],
        [midnight - 86_400, midnight],
        [int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())],  # a Monday
    ]


def test_bytes_that_are_sent_again_are_counted_once() -> None:
    data = b"".join(_many(50))
    for _ in range(2):
        _ingest(data)
        add_up()
    assert _total() == 50


def test_a_call_that_lies_in_two_segments_is_counted_once() -> None:
    lines = _many(30)
    _ingest(b"".join(lines[:20]))
    _ingest(b"".join(lines[10:]) + lines[29], segment="copy")
    add_up()
    assert CallRecord.objects.count() == _total() == 30


def test_nothing_is_added_twice_or_lost_when_adding_up_breaks_off() -> None:
    """What a kill -9 leaves is what a failure in the middle leaves: the transaction did not take place."""
    _ingest(b"".join(_many(40)))
    add_up()
    _ingest(b"".join(_many(25)), segment="later")
    with connections["usage"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TRIGGER stop BEFORE DELETE ON usage_pendingcounts BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        with pytest.raises(DatabaseError, match="full"):
            add_up()
        cursor.execute("DROP TRIGGER stop")
    assert _total() == 40
    assert PendingCounts.objects.count() == 1
    assert add_up() == 25
    assert [_total(grain) for grain in Grain] == [65, 65, 65, 65]
    assert add_up() == 0


def test_an_upgrade_of_a_days_row_reads_what_is_there() -> None:
    for number in range(3):
        _ingest(_line(duration_ms=100 * number), segment=str(number))
        add_up()
    row = DayCounts.objects.get(series__kind=SeriesKind.PRODUCT)
    assert (row.calls, row.duration_ms) == (3, 300)


def test_each_grain_is_kept_as_long_as_its_setting_says(settings: Any) -> None:
    now = timezone.now().timestamp()
    for number, days in enumerate((0, 3, 5, 70, 900)):
        _ingest(_line(at=now - days * 86_400), segment=str(number))
    add_up()
    forget_old_counts()
    assert [_total(grain) for grain in Grain] == [2, 3, 4, 4]
    settings.PROPYLON_DAY_COUNTS_DAYS = 10
    forget_old_counts()
    assert [_total(grain) for grain in Grain] == [2, 3, 3, 3]
