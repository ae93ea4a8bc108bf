"""A call is found by its tracking id whatever part it lies in; the tables lie as reading and writing need them."""

from __future__ import annotations

import uuid

import pytest
from django.db import connections

from call_lines import call_line
from propylon.usage import parts
from propylon.usage.actions import ingest_lines
from propylon.usage.models import CallRecord
from propylon.usage.parts import call_by_tracking_id

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def _ingest(segment: str, *ids: str) -> None:
    call = {"at": 1_790_000_000.5, "environment": "sandbox", "status": 200, "details": "via_upstream", "duration_ms": 1}
    data = b"".join(call_line({**call, "id": each}) for each in ids)
    ingest_lines(node="node-1", segment=segment, offset=0, data=data)


def test_a_call_is_found_in_every_part_and_stored_once_in_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "RECORDS_OF_A_PART", 3)
    monkeypatch.setattr(parts, "_AT_ONCE", 2)
    ids = [str(uuid.uuid4()) for _ in range(20)]
    assert call_by_tracking_id(ids[0]) is None
    for number in range(0, 20, 2):
        _ingest(str(number), *ids[number : number + 2])
    assert CallRecord.objects.values("part").distinct().count() > 4
    found = [call_by_tracking_id(each) for each in ids]
    assert [record.tracking_id for record in found if record] == ids
    assert call_by_tracking_id(str(uuid.uuid4())) is None
    _ingest("copy", *ids)
    assert CallRecord.objects.count() == 20


def test_counts_lie_in_the_order_of_their_key() -> None:
    """SQLite: a migration that builds one of these tables anew has to keep it so (usage 0007)."""
    with connections["usage"].cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID'")
        names = {name for (name,) in cursor.fetchall()}
    assert names == {
        "usage_minutecounts",
        "usage_hourcounts",
        "usage_daycounts",
        "usage_weekcounts",
        "usage_versioncalls",
    }


def test_refused_calls_are_read_from_an_index_of_their_own() -> None:
    query = "SELECT id FROM usage_callrecord WHERE at >= ? AND NOT (refusal_code = ?) {} ORDER BY at DESC LIMIT 26"
    with connections["usage"].cursor() as cursor:
        for condition, values, index in (
            ("", ["2026-01-01", ""], "refused_calls"),
            ("AND refusal_code = ?", ["2026-01-01", "", "gateway.token.expired"], "refused_calls_so"),
        ):
            cursor.connection.execute("ANALYZE")
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {query.format(condition)}", values).fetchall()
            assert f"INDEX {index} " in plan[0][3]
