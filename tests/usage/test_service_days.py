"""Quarterly statistics: a service is down while every call to it fails, and nothing else is downtime."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from call_lines import call_line
from propylon.catalog.models import Environment, Product
from propylon.usage.actions import ingest_lines
from propylon.usage.downtime import Asked, down_seconds
from propylon.usage.rollups import add_up
from propylon.usage.service_days import Quarter, service_days, settle_downtime

UP, DOWN, MIXED, SILENT = Asked(10, 0), Asked(10, 10), Asked(10, 9), Asked(0, 0)
NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([UP, UP], 0),
        ([UP, DOWN, UP], 60),
        ([UP, DOWN, SILENT, SILENT, DOWN, UP], 240),
        ([UP, DOWN, MIXED, DOWN, UP], 120),
        ([UP, DOWN, DOWN], 120),
        ([UP, Asked(2, 2), UP, Asked(2, 2)], 0),
        ([UP, Asked(2, 2), Asked(1, 1), Asked(2, 2), UP], 180),
        ([DOWN, SILENT, UP], 60),
        ([], 0),
    ],
)
def test_a_service_is_down_through_minutes_in_which_every_call_failed(minutes: list[Asked], expected: int) -> None:
    assert down_seconds((number * 60, asked) for number, asked in enumerate(minutes, 1)) == expected


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_quarter_has_three_months(name: str, first: date, end: date) -> None:
    quarter = Quarter.named(name, Quarter(2000, 1))
    assert (quarter.first, quarter.end, quarter.name) == (first, end, name)
    assert quarter.before.end == first
    assert Quarter.of(first) == Quarter.of(end - timedelta(days=1)) == quarter


@pytest.mark.parametrize("name", ["", "2026", "2026-Q5", "26-Q1", "٢٠٢٦-Q1", "2026-Q1x"])
def test_a_quarter_that_is_none_is_the_present_one(name: str) -> None:
    assert Quarter.named(name, Quarter(2026, 4)) == Quarter(2026, 4)


def _ingest(at: datetime, status: int, details: str, count: int = 5) -> None:
    call = {
        "at": at.timestamp(),
        "environment": "production",
        "product": "psd2",
        "version": "v1",
        "operation": "list",
        "status": status,
        "details": details,
        "duration_ms": 100,
    }
    data = b"".join(call_line({**call, "id": str(uuid.uuid4())}) for _ in range(count))
    ingest_lines(node="node-1", segment=uuid.uuid4().hex, offset=0, data=data)
    add_up()


@pytest.mark.django_db(databases=["default", "usage"])
def test_a_day_counts_failures_of_the_service_and_not_those_of_its_callers() -> None:
    _ingest(NOON, 200, "via_upstream", 90)
    _ingest(NOON + timedelta(minutes=5), 503, "no_healthy_upstream", 6)
    _ingest(NOON + timedelta(minutes=6), 401, "jwt_authn_access_denied{Jwt_is_expired}", 50)
    _ingest(NOON + timedelta(minutes=7), 500, "via_upstream", 4)
    _ingest(NOON + timedelta(minutes=8), 404, "via_upstream", 1)
    now = NOON + timedelta(days=1)
    settle_downtime(now)
    settle_downtime(now)
    following, day = service_days("psd2", "production", Quarter(2025, 4), now)
    assert (day.day, day.down_seconds, day.asked, day.failed) == (NOON.date(), 180, 101, 10)
    assert day.uptime == pytest.approx(1 - 180 / 86_400)
    assert (following.seconds, following.uptime, following.mean_ms) == (43_200, 1.0, None)


@pytest.mark.django_db(databases=["default", "usage"])
def test_everybody_reads_the_figures_of_services_for_licensed_third_parties_only() -> None:
    Environment.objects.create(name="production", title="Production", path_prefix="/api")
    for name, is_psd2_only in (("psd2", True), ("other", False)):
        Product.objects.create(
            name=name, title=name, default_scope=name, is_psd2_only=is_psd2_only, created_at=timezone.now()
        )
    _ingest(NOON, 200, "via_upstream")
    page = Client().get("/statistics?quarter=2025-Q4", secure=True)
    assert page.status_code == 200
    assert "2025-11-20" in page.content.decode()
    assert ">other<" not in page.content.decode()
    answer = Client().get("/statistics?quarter=2025-Q4&service=other&format=csv", secure=True)
    assert answer.content.decode().splitlines()[-1] == "2025-11-20,psd2,v1,100.000,0,0.000,100,5,0"
