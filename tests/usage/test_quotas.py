"""Metered quotas: what is counted, when a mark is placed, what lifts it, what 0 and absent mean."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from call_lines import call_line
from management import Program
from propylon.applications.models import Client
from propylon.catalog import actions as catalog
from propylon.catalog.models import Plan
from propylon.catalog.quotas import Quota
from propylon.gateway.marks import GatewayMark
from propylon.kernel.actor import SYSTEM
from propylon.marks.selectors import live_marks
from propylon.usage.actions import ingest_lines
from propylon.usage.models import PeriodCalls
from propylon.usage.quota_counts import calls_counted, forget_periods_before
from propylon.usage.quotas import keep_quotas, quota_use

pytestmark = pytest.mark.django_db(databases=["default", "usage"])

UNREACHED = {"status": 429, "details": "local_rate_limited", "flags": "RL"}


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


def limit(client: Client, **quota: object) -> None:
    plan = Plan.objects.get(pk=client.plan_id)
    catalog.change_plan(acting_user=SYSTEM, plan=plan, quota=Quota(**{"kind": "metered", **quota}))


def line(client: Client, **changes: object) -> bytes:
    facts = {"environment": "sandbox", "status": 200, "details": "via_upstream", "client": client.client_id}
    return call_line({**facts, "id": str(uuid.uuid4()), "at": timezone.now().timestamp(), **changes})


def call(client: Client, count: int = 1, **changes: object) -> None:
    data = b"".join(line(client, **changes) for _ in range(count))
    ingest_lines(node="n", segment=uuid.uuid4().hex, offset=0, data=data)
    keep_quotas()


def test_a_quota_is_spent_by_the_call_that_reaches_the_limit_and_not_before(client: Client) -> None:
    limit(client, calls_per_day=5)
    call(client, 4)
    assert live_marks() == ()
    call(client)
    assert live_marks() == (GatewayMark("quota_day", client.client_id),)
    call(client)
    assert len(live_marks()) == 1


def test_what_the_gateway_refused_used_nothing_and_what_the_upstream_may_have_done_counts(client: Client) -> None:
    limit(client, calls_per_day=3)
    call(client, 5, **UNREACHED)
    call(client, 2, environment="")
    assert live_marks() == ()
    call(client, 2)
    call(client, status=504, details="response_timeout", flags="UT")
    assert live_marks() == (GatewayMark("quota_day", client.client_id),)


def test_a_month_is_counted_beside_the_day(client: Client) -> None:
    limit(client, calls_per_month=2)
    call(client, 2)
    assert live_marks() == (GatewayMark("quota_month", client.client_id),)
    _, (day, month) = quota_use(client)
    assert (day.used, day.limit, day.share) == (2, None, 0.0)
    assert (month.used, month.limit, month.share) == (2, 2, 1.0)
    assert month.ends_at.day == 1


def test_a_larger_limit_lifts_the_mark_and_so_does_no_quota(client: Client) -> None:
    limit(client, calls_per_day=1, calls_per_month=1)
    call(client)
    assert len(live_marks()) == 2
    limit(client, calls_per_day=2, calls_per_month=1)
    keep_quotas()
    assert live_marks() == (GatewayMark("quota_month", client.client_id),)
    limit(client, kind="", calls_per_day=None)
    keep_quotas()
    assert live_marks() == ()


def test_zero_allows_no_call_and_absent_any_number(client: Client) -> None:
    limit(client, calls_per_day=0)
    keep_quotas()
    assert live_marks() == (GatewayMark("quota_day", client.client_id),)
    limit(client, calls_per_month=10**6)
    keep_quotas()
    assert live_marks() == ()


def test_the_same_bytes_twice_count_once(client: Client) -> None:
    data = line(client)
    for segment in ("a", "a", "b"):
        ingest_lines(node="n", segment=segment, offset=0, data=data)
    assert sorted(PeriodCalls.objects.values_list("calls", flat=True)) == [1, 1]


def test_a_call_counts_in_the_day_in_which_it_was_made(client: Client) -> None:
    before = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    call(client, at=before.timestamp())
    call(client, at=(before + timedelta(seconds=2)).timestamp())
    periods = ["2026-10-31", "2026-11-01", "2026-10", "2026-11"]
    assert calls_counted([client.client_id], periods) == {(client.client_id, period): 1 for period in periods}
    assert forget_periods_before(before + timedelta(days=1)) == 2
    assert set(calls_counted([client.client_id], periods)) == {(client.client_id, p) for p in ("2026-11-01", "2026-11")}
