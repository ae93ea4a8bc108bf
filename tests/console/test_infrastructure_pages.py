"""Environments, upstreams and plans are changed by page; what cannot change says why."""

from __future__ import annotations

import pytest
from console_visitor import Visitor

from management import Program
from propylon.catalog.actions import create_plan
from propylon.catalog.models import Environment, Operation, Plan, Upstream
from propylon.catalog.quotas import Quota, quota_of
from propylon.kernel.actor import SYSTEM

LIST = "/console/environments"


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def test_who_may_change_finds_the_way_and_an_auditor_does_not(program: Program, operator: Visitor) -> None:
    for address in ("/console/environments/sandbox/change", "/console/upstreams/bank/change"):
        assert address in operator.text(LIST)
        assert address not in Visitor(program.people["auditor"]).text(LIST)
        assert operator.text(address)


def test_an_environment_is_changed(program: Program, operator: Visitor) -> None:
    page = "/console/environments/sandbox/change"
    sent = {"title": "Playground", "path_prefix": "/play", "position": "7", "approves_by_itself": "on"}
    answer = operator.post(page, sent)
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert "The environment was changed." in operator.text(LIST)
    program.sandbox.refresh_from_db()
    assert (program.sandbox.title, program.sandbox.path_prefix, program.sandbox.position) == ("Playground", "/play", 7)
    assert program.sandbox.approves_by_itself


def test_the_path_of_an_environment_with_applications_stays(program: Program, operator: Visitor) -> None:
    page = "/console/environments/sandbox/change"
    program.register()
    assert "It cannot change any more" in operator.text(page)
    operator.post(page, {"title": "Playground", "path_prefix": "/play", "position": "7", "approves_by_itself": "on"})
    environment = Environment.objects.get(name="sandbox")
    assert (environment.title, environment.path_prefix) == ("Playground", "/sandbox")


def test_a_refusal_stands_at_its_field_and_nothing_is_stored(operator: Visitor, program: Program) -> None:
    page = "/console/upstreams/bank/change"
    answer = operator.post(
        page, {"address": "https://core.example:443", "timeout_ms": "1000", "max_parallel_calls": "9"}
    )
    assert answer.status_code == 400
    assert "needed for https" in answer.content.decode()
    assert Upstream.objects.get(name="bank").address == "http://127.0.0.1:9"
    assert (
        operator.post(
            page, {"address": "http://core.example:80", "timeout_ms": "1000", "max_parallel_calls": "9"}
        ).status_code
        == 303
    )
    assert Upstream.objects.get(name="bank").timeout_ms == 1000


def test_a_plan_is_changed_and_removed(operator: Visitor, program: Program) -> None:
    limits = {"title": "Standard", "requests_per_second": "7", "burst": "8"}
    page = "/console/plans/standard/change"
    refused = operator.post(page, limits)
    assert refused.status_code == 409, "nothing would be left for new applications"
    assert operator.post(page, {**limits, "is_default": "on"}).status_code == 303
    plan = Plan.objects.get(name="standard")
    assert (plan.requests_per_second, plan.burst, plan.is_default) == (7, 8, True)
    program.register()
    create_plan(acting_user=SYSTEM, name="fast", title="Fast", requests_per_second=9, burst=9, is_default=True)
    assert operator.post("/console/plans/standard/removal")["Location"] == page
    assert "that of 1 clients" in operator.text(page)
    create_plan(acting_user=SYSTEM, name="spare", title="Spare", requests_per_second=9, burst=9)
    assert operator.post("/console/plans/spare/removal")["Location"] == LIST
    assert set(Plan.objects.values_list("name", flat=True)) == {"standard", "fast"}


def test_an_upstream_has_several_addresses_a_health_path_and_a_bound(operator: Visitor) -> None:
    page = "/console/upstreams/bank/change"
    sent = {
        "address": "http://core-1.example:80",
        "further_addresses": "http://core-2.example:80\n\n http://core-3.example:80 ",
        "health_path": "/health",
        "max_parallel_calls": "64",
        "timeout_ms": "1000",
    }
    assert operator.post(page, sent).status_code == 303
    upstream = Upstream.objects.get(name="bank")
    assert upstream.further_addresses == ["http://core-2.example:80", "http://core-3.example:80"]
    assert (upstream.health_path, upstream.max_parallel_calls) == ("/health", 64)
    assert "http://core-3.example:80" in operator.text(LIST)
    refused = operator.post(page, {**sent, "further_addresses": "https://core-2.example:443"})
    assert refused.status_code == 400
    assert "addresses of the same scheme as the first" in refused.content.decode()


QUOTA = {"quota_kind": "exact", "calls_per_day": "5000", "calls_per_month": "", "quota_outage": "refuse"}


def test_a_plan_has_a_quota_by_page(operator: Visitor) -> None:
    page = "/console/plans/standard/change"
    sent = {"title": "Standard", "requests_per_second": "7", "burst": "8", "is_default": "on"}
    assert operator.post(page, {**sent, **QUOTA}).status_code == 303
    assert quota_of(Plan.objects.get(name="standard")) == Quota("exact", 5000, None, "refuse")
    assert "5,000 calls a day" in operator.text(LIST)
    assert 'value="5000"' in operator.text(page)
    refused = operator.post(page, {**sent, **QUOTA, "calls_per_day": ""})
    assert refused.status_code == 400
    assert "needs a limit per day, per month, or both" in refused.content.decode()
    assert operator.post(page, {**sent, "quota_kind": ""}).status_code == 303
    assert quota_of(Plan.objects.get(name="standard")) == Quota()


def test_an_operation_is_for_some_plans_and_streams(operator: Visitor) -> None:
    create_plan(acting_user=SYSTEM, name="gold", title="Gold", requests_per_second=9, burst=9)
    page = "/console/products/accounts/v1/operations/listAccounts/rules"
    assert page in operator.text("/console/products/accounts/v1")
    sent = {"access": "certificate", "plans": ["gold"], "streams": "answer"}
    assert operator.post(page, sent)["Location"] == "/console/products/accounts/v1"
    operation = Operation.objects.get(operation_id="listAccounts")
    assert (operation.requires_certificate, operation.plans, operation.streams) == (True, ["gold"], "answer")
    refused = operator.post(page, {**sent, "access": "public"})
    assert refused.status_code == 400
    assert "not both" in refused.content.decode()
    operation.refresh_from_db()
    assert not operation.is_public


def test_what_is_not_there_is_not_found(operator: Visitor) -> None:
    for address in ("environments/x/change", "upstreams/x/change", "plans/x/change"):
        operator.text(f"/console/{address}", 404)
    assert operator.post("/console/plans/x/removal").status_code == 404
