"""Types of `authorization_details` (RFC 9396), who may use them, and accounts of customers, by management API."""

from __future__ import annotations

from typing import Any

import pytest

from management import Program
from propylon.audit.models import Event
from propylon.authserver.selectors import client_record
from propylon.catalog.models import DetailType, Scope
from propylon.customers.accounts import Account, accounts
from propylon.customers.actions import add_customer
from propylon.customers.models import CustomerAccount
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
HERE = "/products/accounts/detail-types"
TYPE: dict[str, Any] = {
    "name": "account_information",
    "title": "See your accounts",
    "object_schema": {"type": "object", "properties": {"accounts": {"type": "array", "items": {"type": "string"}}}},
    "versions": ["v1"],
    "account_member": "accounts",
    "scope": "accounts",
}
CHANGE = {name: value for name, value in TYPE.items() if name != "name"}


def mistakes(answer: Any) -> dict[str, str]:
    assert (answer.status, answer.body["code"]) == (400, "catalog.detail_type.invalid"), answer.body
    return {each["field"]: each["reason"] for each in answer.body["errors"]}


def test_a_type_is_added_changed_and_removed(program: Program) -> None:
    operator = program.callers["operator"]
    assert operator("POST", HERE, TYPE).status == 201
    assert program.callers["developer"]("GET", HERE).body["data"] == [TYPE]
    _, client, _ = program.register()
    record = client_record(client.client_id)
    assert record
    assert {name: type_.scope for name, type_ in record.detail_types.items()} == {"account_information": "accounts"}
    changed = CHANGE | {"title": "See them", "scope": "", "account_member": ""}
    assert operator("PUT", f"{HERE}/account_information", changed).body["title"] == "See them"
    row = DetailType.objects.get()
    assert (row.title, row.scope, row.account_member) == ("See them", None, "")
    assert operator("DELETE", f"{HERE}/account_information").status == 204
    assert not DetailType.objects.exists()
    assert operator("DELETE", f"{HERE}/account_information").body["code"] == "catalog.detail_type.unknown"
    told = (
        Event.objects.filter(action__startswith="product.detail_type").order_by("id").values_list("action", flat=True)
    )
    assert list(told) == [f"product.detail_type_{what}" for what in ("added", "changed", "removed")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": 'a"b'}, "name"),
        ({"name": "../x"}, "name"),
        ({"title": ""}, "title"),
        ({"versions": []}, "versions"),
        ({"versions": ["v9"]}, "versions"),
        ({"scope": "payments"}, "scope"),
        ({"account_member": "nothing"}, "schema"),
        ({"object_schema": {}}, "schema"),
        ({"object_schema": {"type": "array", "items": {}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"type": {}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"a": {"type": "nothing"}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"a": {"pattern": "("}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"a": {"$ref": "https://evil.example/s"}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {"a": {"$ref": "#/nothing"}}}}, "schema"),
        ({"object_schema": {"type": "object", "properties": {}, "description": "x" * 20_000}}, "schema"),
    ],
)
def test_what_is_no_type_is_refused_with_its_place(program: Program, change: dict[str, Any], field: str) -> None:
    assert field in mistakes(program.callers["operator"]("POST", HERE, TYPE | change))
    assert not DetailType.objects.exists()


def test_a_name_is_taken_once_over_all_products(program: Program) -> None:
    operator = program.callers["operator"]
    operator("POST", HERE, TYPE)
    assert "name" in mistakes(operator("POST", HERE, TYPE))


def test_a_client_names_the_types_that_it_may_use_rfc9396_10(program: Program) -> None:
    program.callers["operator"]("POST", HERE, TYPE)
    _, client, _ = program.register()
    path, developer = f"/clients/{client.client_id}/authorization-details-types", program.callers["developer"]
    assert developer("PUT", path, {"types": ["account_information"]}).body == {"types": ["account_information"]}
    refused = developer("PUT", path, {"types": ["account_information", "x"]})
    assert (refused.status, refused.body["code"]) == (400, "client.authorization_details_types.invalid")
    client.refresh_from_db()
    assert client.authorization_details_types == ["account_information"]
    assert developer("PUT", path, {"types": []}).body == {"types": []}


def test_a_scope_asks_for_accounts_when_an_operator_says_so(program: Program) -> None:
    path, operator = "/products/accounts/scopes/accounts", program.callers["operator"]
    for wanted in (True, False):
        assert operator("PATCH", path, {"asks_accounts": wanted}).body["asks_accounts"] is wanted
        assert Scope.objects.get(name="accounts").asks_accounts is wanted
    assert operator("PATCH", "/products/accounts/scopes/x", {"asks_accounts": True}).status == 404


def test_the_accounts_of_a_customer_are_entered_as_a_whole(program: Program) -> None:
    add_customer(
        acting_user=SYSTEM, environment="sandbox", identity_number="1", name="C", password="p", subject="cus_x"
    )
    path, operator = "/environments/sandbox/customers/cus_x/accounts", program.callers["operator"]
    one = {"id": "a-1", "name": "Everyday", "number": "SE4550000000058398257466", "currency": "SEK"}
    two = {"id": "a-2", "name": "Savings", "number": "", "currency": ""}
    assert operator("PUT", path, {"data": [one, two]}).body == {"data": [one, two]}
    assert accounts.accounts_of("sandbox", "cus_x") == (Account(**one), Account(**two))
    assert accounts.accounts_of("production", "cus_x") == ()
    for wrong in ({**one, "id": "a 1"}, {**one, "name": ""}, {**one, "currency": "kr"}, two):
        refused = operator("PUT", path, {"data": [two, wrong]})
        assert (refused.status, refused.body["code"]) == (400, "customer.accounts_invalid")
        assert CustomerAccount.objects.count() == 2
    assert operator("PUT", path, {"data": [two]}).body == {"data": [two]}
    assert operator("PUT", path.replace("cus_x", "cus_y"), {"data": []}).status == 404
