"""The page "Usage" of an application (A6): its figures by environment and operation, as page, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import uuid

import pytest
from django.utils import timezone

from call_lines import call_line
from management import Program
from portal.my_apps_pages import person
from propylon.applications.models import Application
from propylon.catalog import actions as catalog
from propylon.catalog.models import Plan
from propylon.catalog.quotas import Quota
from propylon.kernel.actor import SYSTEM
from propylon.usage.actions import ingest_lines
from propylon.usage.rollups import add_up

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def _call(application: Application, status: int, details: str, count: int, **changes: object) -> None:
    call = {
        "at": timezone.now().timestamp(),
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "application": application.public_id,
        "status": status,
        "details": details,
        "duration_ms": 25,
        **changes,
    }
    data = b"".join(call_line({**call, "id": str(uuid.uuid4())}) for _ in range(count))
    ingest_lines(node="n", segment=uuid.uuid4().hex, offset=0, data=data)
    add_up()


def test_the_page_shows_calls_codes_percentiles_and_operations_and_gives_them_as_files(program: Program) -> None:
    application, _, _ = program.register("Ledger")
    other, _, _ = program.register("Other")
    _call(application, 200, "via_upstream", 1_231)
    _call(application, 401, "jwt_authn_access_denied{Jwt_is_expired}", 3)
    _call(other, 200, "via_upstream", 50)
    dana, address = person(program, "developer"), f"/apps/{application.public_id}/usage"
    page = dana.get(f"{address}?period=day")
    text = page.html
    assert page.status == 200
    for expected in ("1,234", "401 gateway.token.expired", "25 ms", "listAccounts", "<svg"):
        assert expected in text
    assert "style=" not in text
    (row,) = csv.DictReader(io.StringIO(dana.get(f"{address}?period=day&format=csv").html))
    assert (row["operation"], row["calls"], row["errors"]) == ("listAccounts", "1234", "3")
    body = json.loads(dana.get(f"{address}?period=day&format=json").html)
    assert body["figures"]["codes"] == {"200": 1231, "401 gateway.token.expired": 3}


@pytest.mark.parametrize("period", ["", "year", "'", "hour"])
def test_an_application_without_calls_is_told_what_to_do(program: Program, period: str) -> None:
    application, _, _ = program.register("Ledger")
    page = person(program, "developer").get(f"/apps/{application.public_id}/usage?period={period}")
    assert page.status == 200
    assert "No calls in this time" in page.html


def test_the_quota_is_told_with_what_is_used_left_and_spent_in_words(program: Program) -> None:
    application, client, _ = program.register("Ledger")
    plan = Plan.objects.get(pk=client.plan_id)
    limits = Quota(kind="metered", calls_per_day=1_500, calls_per_month=1_230)
    catalog.change_plan(acting_user=SYSTEM, plan=plan, quota=limits)
    _call(application, 200, "via_upstream", 1_231, client=client.client_id)
    dana = person(program, "developer")
    for place in ("usage", "subscriptions"):
        text = dana.get(f"/apps/{application.public_id}/{place}").html
        for expected in (
            "1,231",
            "1,500",
            "269",
            "82 % used",
            "Nearly spent",
            "100 % used",
            "Spent: calls are refused",
        ):
            assert expected in text, (place, expected)
        assert "style=" not in text
    catalog.change_plan(acting_user=SYSTEM, plan=plan, quota=Quota())
    text = dana.get(f"/apps/{application.public_id}/usage").html
    assert "unlimited" in text
    assert "Nearly spent" not in text
