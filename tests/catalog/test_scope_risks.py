"""The risk class of scopes: who sets it, what is refused, what the event log says."""

from __future__ import annotations

import pytest

from management import Program
from propylon.audit.models import Event
from propylon.catalog.models import Scope

PATH = "/products/accounts/scopes"


def risks() -> set[str]:
    return set(Scope.objects.filter(product__name="accounts").values_list("risk", flat=True))


def test_an_operator_sets_a_risk_and_the_log_says_what(program: Program) -> None:
    operator, scope = program.callers["operator"], Scope.objects.filter(product__name="accounts").first()
    assert scope is not None
    assert risks() == {"normal"}
    answer = operator("PATCH", f"{PATH}/{scope.name}", {"risk": "high"})
    assert (answer.status, answer.body["risk"], answer.body["asks_accounts"]) == (200, "high", False)
    assert operator("PATCH", f"{PATH}/{scope.name}", {"risk": "high"}).status == 200
    shown = operator("GET", "/products/accounts").body["scopes"]
    assert {each["name"]: each["risk"] for each in shown}[scope.name] == "high"
    found = Event.objects.get(action="product.risks_changed")
    assert (found.object_id, found.data) == ("accounts", {scope.name: {"from": "normal", "to": "high"}})


@pytest.mark.parametrize("wrong", ["huge", "", "High"])
def test_a_wrong_risk_is_refused_and_nothing_is_stored(program: Program, wrong: str) -> None:
    scope = Scope.objects.filter(product__name="accounts").first()
    assert scope is not None
    answer = program.callers["operator"]("PATCH", f"{PATH}/{scope.name}", {"risk": wrong, "asks_accounts": True})
    assert (answer.status, answer.code) == (400, "catalog.scope.invalid")
    assert risks() == {"normal"}
    scope.refresh_from_db()
    assert scope.asks_accounts is False
    assert not Event.objects.filter(object_kind="product", action="product.risks_changed").exists()
