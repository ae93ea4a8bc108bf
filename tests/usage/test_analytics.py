"""Analytics: figures of a period and of the one before, by product, operation, organization and application."""

from __future__ import annotations

import csv
import io
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from call_lines import call_line
from propylon.accounts.models import Membership, Organization, PersonalAccessToken, User
from propylon.applications.models import Application
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest
from propylon.usage.actions import ingest_lines
from propylon.usage.analytics import Selection, ranking, summary
from propylon.usage.called_operations import called_operations
from propylon.usage.counts import Grain, SeriesKind
from propylon.usage.periods import PeriodName, period
from propylon.usage.rollups import add_up

pytestmark = pytest.mark.django_db(databases=["default", "usage"])

NOW = datetime(2025, 11, 20, 13, 5, 30, tzinfo=UTC)  # long enough ago that no period reaches beyond today
Get = Callable[..., Any]


@pytest.fixture(autouse=True)
def partner() -> Organization:
    owner = Organization.objects.create(public_id="org_partner", name="Partner", created_at=NOW)
    for name in ("app_0", "app_1"):
        Application.objects.create(
            public_id=name, organization=owner, name=name, type="server", contact_email="", created_at=NOW
        )
    return owner


@pytest.fixture
def get() -> Get:
    """GET as a new user with this role in this organization."""

    def ask(path: str, role: str, organization: Organization) -> Any:
        name = uuid.uuid4().hex
        user = User.objects.create(
            public_id=f"usr_{name}"[:40], email=f"{name}@partner.example", name=name, created_at=NOW
        )
        Membership.objects.create(user=user, organization=organization, role=role, created_at=timezone.now())
        secret = Secret(f"pat_{name}")
        PersonalAccessToken.objects.create(
            public_id=f"pat_{name}"[:40],
            user=user,
            name="test",
            digest=digest(secret),
            created_at=timezone.now(),
            expires_at=timezone.now() + timedelta(hours=1),
        )
        return Browser().get(f"/manage/v1{path}", headers={"authorization": f"Bearer {secret.reveal()}"})

    return ask


def _line(at: datetime, **changes: object) -> bytes:
    call: dict[str, object] = {
        "at": at.timestamp(),
        "id": str(uuid.uuid4()),
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "status": 200,
        "details": "via_upstream",
        "application": "app_0",
        "duration_ms": 7,
    }
    return call_line(call | changes)


def _ingest(*lines: bytes) -> None:
    ingest_lines(node="node-1", segment=uuid.uuid4().hex, offset=0, data=b"".join(lines))
    add_up()


@pytest.mark.parametrize("name", list(PeriodName))
def test_a_period_holds_now_and_the_one_before_ends_where_it_begins(name: PeriodName) -> None:
    found = period(name, NOW)
    assert found.since_at < NOW < found.until_at
    assert found.before.until == found.since
    assert found.before.until - found.before.since == found.until - found.since


def test_calls_count_in_their_period_and_in_no_other() -> None:
    day = period(PeriodName.DAY, NOW)
    first, last = day.since_at, day.until_at - timedelta(milliseconds=1)
    _ingest(_line(first), _line(last), _line(day.until_at), _line(first - timedelta(milliseconds=1)))
    found = summary(Selection(), day)
    assert (found.figures.calls, found.before.calls) == (2, 1)
    assert [(point.at, point.calls) for point in found.trend if point.calls] == [
        (first, 1),
        (day.until_at - timedelta(hours=1), 1),
    ]
    assert len(found.trend) == 24


def test_pages_and_tokens_are_no_calls_of_the_program() -> None:
    _ingest(_line(NOW), _line(NOW, environment=None, product=None, version=None, operation=None, application=None))
    day = period(PeriodName.DAY, NOW)
    assert summary(Selection(), day).figures.calls == 1
    assert [row.product for row in ranking(SeriesKind.PRODUCT, Selection(), day)] == ["accounts"]


def test_percentiles_over_days_and_applications_are_within_2_per_cent() -> None:
    chance = random.Random(5)
    durations = [int(chance.lognormvariate(5, 1)) for _ in range(3_000)]
    _ingest(
        *(
            _line(NOW - timedelta(days=number % 6), duration_ms=duration, application=f"app_{number % 2}")
            for number, duration in enumerate(durations)
        )
    )
    figures = summary(Selection(organization="org_partner"), period(PeriodName.WEEK, NOW)).figures
    ordered = sorted(durations)
    for found, rank in ((figures.p50_ms, 1_500), (figures.p95_ms, 2_850), (figures.p99_ms, 2_970)):
        assert found == pytest.approx(ordered[rank - 1], rel=0.02)
    assert figures.mean_ms == round(sum(durations) / 3_000)


def test_who_called_most_comes_first_with_codes_and_the_calls_of_before() -> None:
    yesterday = NOW - timedelta(days=8)
    _ingest(
        *(_line(NOW, operation="listAccounts") for _ in range(3)),
        *(_line(NOW, operation="getAccount", status=404) for _ in range(5)),
        *(_line(yesterday, operation="getAccount") for _ in range(2)),
        _line(NOW, operation="getAccount", status=401, details="jwt_authn_access_denied{Jwt_is_expired}"),
        _line(NOW, product="", operation="", application="-"),
    )
    rows = ranking(SeriesKind.OPERATION, Selection(), period(PeriodName.WEEK, NOW))
    assert [(row.operation, row.figures.calls, row.calls_before) for row in rows] == [
        ("getAccount", 6, 2),
        ("listAccounts", 3, 0),
    ]
    assert rows[0].figures.codes == (("404", 5), ("401 gateway.token.expired", 1))
    assert (rows[0].figures.errors, rows[0].figures.refused) == (6, 1)


@pytest.mark.parametrize("name", [PeriodName.MONTH, PeriodName.QUARTER])
def test_a_long_period_counts_each_day_once_whether_it_is_read_by_week_or_by_day(name: PeriodName) -> None:
    chosen = period(name, NOW)
    assert {piece.grain for piece in chosen.pieces} == {Grain.DAY, Grain.WEEK}
    assert sum(piece.until - piece.since for piece in chosen.pieces) == chosen.until - chosen.since
    ages = [*range(30), 30, 60, 61, 88, 89, 90, 91, 120, 179, 180, 400]
    _ingest(*(_line(NOW - timedelta(days=age), duration_ms=age) for age in ages))
    days = (chosen.until - chosen.since) // Grain.DAY.seconds
    now = [age for age in ages if age < days]
    before = [age for age in ages if days <= age < 2 * days]
    found = summary(Selection(), chosen)
    assert (found.figures.calls, found.before.calls) == (len(now), len(before))
    assert found.figures.mean_ms == round(sum(now) / len(now))
    assert sum(point.calls for point in found.trend) == len(now)
    (row,) = ranking(SeriesKind.OPERATION, Selection(), chosen)
    assert (row.figures.calls, row.calls_before, row.figures.codes) == (len(now), len(before), (("200", len(now)),))
    (called,) = called_operations("app_0", chosen)
    assert (called.figures.calls, called.calls_before) == (len(now), len(before))


def test_operations_of_an_application_are_those_of_whole_days() -> None:
    _ingest(_line(NOW), _line(NOW - timedelta(hours=14)), _line(NOW, application="app_1"))
    rows = called_operations("app_0", period(PeriodName.HOUR, NOW))
    assert [(row.operation, row.figures.calls, row.calls_before) for row in rows] == [("listAccounts", 1, 1)]


def test_the_api_gives_an_application_its_figures_and_rows_as_csv(get: Get, partner: Organization) -> None:
    _ingest(*(_line(timezone.now(), operation="=cmd()") for _ in range(4)))
    body = get("/applications/app_0/analytics?period=day", "developer", partner).json()
    assert body["figures"]["calls"] == 4
    assert [(row["operation"], row["figures"]["codes"]) for row in body["rows"]] == [("=cmd()", {"200": 4})]
    answer = get("/applications/app_0/analytics?period=day&format=csv", "product_manager", partner)
    assert answer["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["operation"], row["calls"], row["codes"]) == ("'=cmd()", "4", "200: 4")


def test_figures_of_another_organization_are_unknown(get: Get, partner: Organization) -> None:
    other = Organization.objects.create(public_id="org_other", name="Other", created_at=NOW)
    assert get("/applications/app_0/analytics", "developer", other).status_code == 404
    assert get("/organizations/org_partner/analytics", "developer", other).status_code == 404
    assert get("/analytics", "developer", partner).status_code == 403


def test_the_program_is_seen_by_staff_and_by_product_or_organization(get: Get) -> None:
    _ingest(_line(timezone.now()), _line(timezone.now(), product="payments"))
    operator = Organization.objects.create(public_id="org_bank", name="Bank", is_operator=True, created_at=NOW)
    by_product = get("/analytics?by=product&period=hour", "auditor", operator).json()
    assert {row["product"] for row in by_product["rows"]} == {"accounts", "payments"}
    by_organization = get("/analytics?by=organization&period=hour", "auditor", operator).json()
    assert [(row["organization"], row["figures"]["calls"]) for row in by_organization["rows"]] == [("org_partner", 2)]
