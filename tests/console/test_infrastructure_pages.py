"""Environments, upstreams and plans are changed by page; what cannot change says why."""

from __future__ import annotations

import pytest
from console_visitor import Visitor

from management import Program
from propylon.catalog.actions import create_plan
from propylon.catalog.models import Environment, Plan, Upstream
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
    answer = operator.post(page, {"address": "https://core.example:443", "timeout_ms": "1000"})
    assert answer.status_code == 400
    assert "needed for https" in answer.content.decode()
    assert Upstream.objects.get(name="bank").address == "http://127.0.0.1:9"
    assert operator.post(page, {"address": "http://core.example:80", "timeout_ms": "1000"}).status_code == 303
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


def test_what_is_not_there_is_not_found(operator: Visitor) -> None:
    for address in ("environments/x/change", "upstreams/x/change", "plans/x/change"):
        operator.text(f"/console/{address}", 404)
    assert operator.post("/console/plans/x/removal").status_code == 404
