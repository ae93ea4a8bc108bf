"""Kill switches by the management API: what is refused, what stands in the audit, what the gateways are told."""

from __future__ import annotations

import pytest

from management import Program
from propylon.audit.models import Event
from propylon.gateway.marks import GatewayMark
from propylon.marks.selectors import live_marks

PATH = "/gateway/kill-switches"


def test_a_switch_is_thrown_seen_and_lifted(program: Program) -> None:
    operator = program.callers["operator"]
    wish = {"kind": "environment", "target": "sandbox"}
    assert operator("POST", PATH, {**wish, "reason": "wrong balances"}).status == 204
    assert live_marks() == (GatewayMark("environment", "sandbox"),)
    (row,) = operator("GET", PATH).body["data"]
    assert (row["title"], row["reason"], row["environment"]) == ("Sandbox", "wrong balances", "")
    assert operator("POST", f"{PATH}/lift", wish).status == 204
    assert live_marks() == ()
    assert operator("GET", PATH).body["data"] == []
    assert operator("POST", f"{PATH}/lift", wish).code == "marks.mark.unknown"
    actions = list(Event.objects.filter(action__startswith="kill_switch").values_list("action", "object_id"))
    assert sorted(actions) == [("kill_switch.lifted", "sandbox"), ("kill_switch.thrown", "sandbox")]


def test_an_organization_is_stopped_by_its_id(program: Program) -> None:
    operator = program.callers["operator"]
    organization = program.register()[0].organization
    wish = {"kind": "organization", "target": organization.public_id, "reason": "abuse"}
    assert operator("POST", PATH, wish).status == 204
    assert live_marks() == (GatewayMark("organization", organization.public_id),)
    assert operator("GET", PATH).body["data"][0]["title"] == organization.name


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"kind": "product", "target": "nothing", "reason": "x"}, {"target"}),
        ({"kind": "application", "target": "x", "reason": "x"}, {"kind"}),
        ({"kind": "environment", "target": "sandbox", "environment": "sandbox", "reason": "x"}, {"environment"}),
        ({"kind": "environment", "target": "sandbox", "reason": " "}, {"reason"}),
    ],
)
def test_a_switch_that_stops_nothing_is_refused(program: Program, wish: dict[str, str], fields: set[str]) -> None:
    refused = program.callers["operator"]("POST", PATH, wish)
    assert (refused.status, refused.code, refused.fields) == (400, "gateway.kill_switch.invalid", fields)
    assert live_marks() == ()
