"""Changing environments, upstreams and plans: what is stored, what is refused, what the event log says."""

from __future__ import annotations

from typing import Any

import pytest

from management import Program
from propylon.applications.actions import delete_application
from propylon.audit.models import Event
from propylon.catalog import actions, selectors
from propylon.catalog.models import Environment, Plan, Upstream
from propylon.catalog.quotas import Quota, quota_mistakes
from propylon.gateway import model as gateway
from propylon.kernel.actor import SYSTEM


def changes() -> list[tuple[str, str, Any]]:
    found = Event.objects.filter(action__regex=r"^(environment|upstream|plan)\.(changed|removed)$").order_by("pk")
    return [(each.action, each.object_id, each.data) for each in found]


def test_an_environment_is_changed_and_the_log_says_what(program: Program) -> None:
    operator = program.callers["operator"]
    answer = operator("PATCH", "/environments/production", {"title": "Live", "approves_by_itself": True})
    assert (answer.status, answer.body["title"], answer.body["approves_by_itself"]) == (200, "Live", True)
    assert operator("PATCH", "/environments/production", {"title": "Live"}).status == 200
    assert changes() == [
        (
            "environment.changed",
            "production",
            {"title": {"from": "Production", "to": "Live"}, "approves_by_itself": {"from": False, "to": True}},
        )
    ]
    assert operator("PATCH", "/environments/nowhere", {"title": "x"}).code == "catalog.environment.unknown"


def test_the_prefix_changes_only_while_no_application_is_there(program: Program) -> None:
    operator, path = program.callers["operator"], "/environments/sandbox"
    application, _, _ = program.register()
    refused = operator("PATCH", path, {"path_prefix": "/test", "title": "Test"})
    assert (refused.status, refused.code, refused.fields) == (409, "catalog.environment.in_use", {"path_prefix"})
    assert "audience of their tokens" in refused.body["message"]
    assert operator("PATCH", path, {"path_prefix": "/sandbox", "position": 4}).status == 200, "that is no change"
    delete_application(acting_user=SYSTEM, application=application)
    assert operator("PATCH", path, {"path_prefix": "/api"}).code == "catalog.environment.exists"
    program.sandbox.refresh_from_db()
    assert (program.sandbox.path_prefix, program.sandbox.title) == ("/sandbox", "Sandbox")
    assert operator("PATCH", path, {"path_prefix": "/test"}).body["audience"].endswith("/test")


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/environments/sandbox", {"title": " ", "path_prefix": "/oauth"}, {"title", "path_prefix"}),
        ("/environments/sandbox", {"path_prefix": "/a/b"}, {"path_prefix"}),
        ("/upstreams/bank", {"address": "ftp://x:1", "ca_pem": "no certificate"}, {"address", "ca_pem"}),
        ("/upstreams/bank", {"address": "http://x:99999"}, {"address"}),
        ("/upstreams/bank", {"address": "https://core.example:443"}, {"ca_pem"}),
        ("/plans/standard", {"title": "", "requests_per_second": 20}, {"title", "burst"}),
        (
            "/upstreams/bank",
            {"further_addresses": ["ftp://x"], "health_path": "x"},
            {"further_addresses", "health_path"},
        ),
        ("/plans/standard", {"burst": 4}, {"burst"}),
    ],
)
def test_every_mistake_is_named_and_nothing_changes(
    program: Program, path: str, body: dict[str, object], fields: set[str]
) -> None:
    before = [list(each.objects.values()) for each in (Environment, Upstream, Plan)]
    refused = program.callers["operator"]("PATCH", path, body)
    assert (refused.status, refused.fields) == (400, fields)
    assert refused.code.endswith(".invalid")
    assert [list(each.objects.values()) for each in (Environment, Upstream, Plan)] == before
    assert changes() == []


def test_a_changed_upstream_is_what_the_gateway_is_told(program: Program) -> None:
    body = {"address": "http://core.example:8080", "timeout_ms": 700}
    answer = program.callers["operator"]("PATCH", "/upstreams/bank", body)
    assert (answer.status, answer.body["address"], answer.body["timeout_ms"]) == (200, "http://core.example:8080", 700)
    (told,) = selectors.gateway_upstreams()
    assert (told.address, told.timeout_ms) == ("http://core.example:8080", 700)
    assert [each[:2] for each in changes()] == [("upstream.changed", "bank")]


def test_new_limits_of_a_plan_are_what_the_gateway_is_told(program: Program) -> None:
    answer = program.callers["operator"]("PATCH", "/plans/standard", {"requests_per_second": 50, "burst": 60})
    assert (answer.status, answer.body["burst"]) == (200, 60)
    assert selectors.gateway_plans() == (gateway.Plan("standard", 50, 60),)


def test_there_stays_one_plan_for_new_applications(program: Program) -> None:
    operator = program.callers["operator"]
    actions.create_plan(acting_user=SYSTEM, name="fast", title="Fast", requests_per_second=9, burst=9)
    for method, body in (("PATCH", {"is_default": False}), ("DELETE", None)):
        assert operator(method, "/plans/standard", body).code == "catalog.plan.default"
    assert operator("PATCH", "/plans/fast", {"is_default": True}).status == 200
    assert list(Plan.objects.filter(is_default=True).values_list("name", flat=True)) == ["fast"]


def test_a_plan_goes_when_no_application_has_it(program: Program) -> None:
    operator = program.callers["operator"]
    application, client, _ = program.register()
    new = actions.create_plan(
        acting_user=SYSTEM, name="fast", title="Fast", requests_per_second=9, burst=9, is_default=True
    )
    refused = operator("DELETE", "/plans/standard")
    assert (refused.status, refused.code) == (409, "catalog.plan.in_use")
    assert Plan.objects.filter(name="standard").exists()
    delete_application(acting_user=SYSTEM, application=application)
    assert operator("DELETE", "/plans/standard").status == 204
    client.refresh_from_db()
    assert client.plan == new
    assert changes()[-1][:2] == ("plan.removed", "standard")
    assert operator("DELETE", "/plans/standard").code == "catalog.plan.unknown"


# ── Quotas ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plans_quota_is_given_as_a_whole_and_taken_away(program: Program) -> None:
    operator = program.callers["operator"]
    metered = {"kind": "metered", "calls_per_day": 100, "calls_per_month": 1000, "outage": "serve"}
    small = {"name": "small", "title": "Small", "requests_per_second": 9, "burst": 9}
    assert operator("POST", "/plans", {**small, "quota": metered}).body["quota"] == metered
    none = {"kind": "exact", "calls_per_day": 0}
    changed = operator("PATCH", "/plans/small", {"quota": none}).body["quota"]
    assert changed == {**none, "calls_per_month": None, "outage": "serve"}
    assert operator("PATCH", "/plans/small", {"title": "Smaller"}).body["quota"] == changed
    assert changes()[0][2]["calls_per_month"] == {"from": 1000, "to": None}
    assert operator("PATCH", "/plans/small", {"quota": {"kind": "metered"}}).fields == {"quota.kind"}
    assert operator("PATCH", "/plans/small", {"quota": {"kind": ""}}).body["quota"] is None


@pytest.mark.parametrize(
    ("quota", "fields"),
    [
        (Quota("metered"), ["quota.kind"]),
        (Quota("", calls_per_day=1), ["quota.kind"]),
        (Quota("monthly", calls_per_day=1, outage="guess"), ["quota.kind", "quota.outage"]),
        (Quota("exact", calls_per_day=-1), ["quota.calls_per_day"]),
        (Quota("exact", calls_per_month=10**15 + 1), ["quota.calls_per_month"]),
    ],
)
def test_a_quota_that_means_nothing_is_refused_with_its_field(quota: Quota, fields: list[str]) -> None:
    assert [mistake.field for mistake in quota_mistakes(quota)] == fields


# ── Endpoints, and rules of operations ───────────────────────────────────────────────────────────────────────────────


def test_an_upstreams_endpoints_and_health_reach_the_gateways_model(program: Program) -> None:
    body = {
        "name": "core",
        "address": "http://10.0.0.1:80",
        "further_addresses": ["http://10.0.0.2:80"],
        "health_path": "/health",
        "max_parallel_calls": 9,
    }
    assert program.callers["operator"]("POST", "/upstreams", body).status == 201
    (core,) = [row for row in selectors.gateway_upstreams() if row.name == "core"]
    assert core.addresses == ("http://10.0.0.1:80", "http://10.0.0.2:80")
    assert (core.health_path, core.max_parallel_calls) == ("/health", 9)
    mixed = program.callers["operator"]("PATCH", "/upstreams/core", {"address": "unix:/run/core.sock"})
    assert mixed.fields == {"further_addresses"}


def test_an_operation_is_for_some_plans_and_its_answer_streams(program: Program) -> None:
    operator, path = program.callers["operator"], "/products/accounts/versions/v1/operations/listAccounts"
    assert operator("PATCH", path, {"plans": ["standard"], "streams": "answer"}).body["plans"] == ["standard"]
    (published,) = [p for p in selectors.publications_for_gateway() if p.product == "accounts"][:1]
    (row,) = [each for each in published.operations if each.operation_id == "listAccounts"]
    assert (row.rules.plans, row.streams) == (("standard",), "answer")
    assert operator("PATCH", path, {"plans": ["silver"], "streams": "fax"}).fields == {"plans", "streams"}
    assert operator("PATCH", path, {"is_public": True}).code == "catalog.operation.contradiction"
    actions.create_plan(acting_user=SYSTEM, name="fast", title="Fast", requests_per_second=9, burst=9, is_default=True)
    assert operator("DELETE", "/plans/standard").code == "catalog.plan.in_use"
    assert operator("PATCH", path, {"plans": []}).body["streams"] == "answer"
