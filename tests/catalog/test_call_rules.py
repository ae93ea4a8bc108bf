"""Rules of operations and bounds of products: stored, refused with the field, read from documents, told in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from management import Program
from propylon.audit.models import Event
from propylon.catalog import actions, selectors
from propylon.catalog.models import Operation, Product, ProductVersion
from propylon.gateway.model import Bounds, TokenRules
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
ASKED = {
    "requiresCertificate": True,
    "requiresBinding": True,
    "psd2Roles": ["PSP_PI", "PSP_AI"],
    "acrValues": ["b", "a"],
    "maxAge": 900,
}


def document(access: Any = None, **more: Any) -> str:
    extension = {} if access is None else {"x-propylon-access": access}
    get = {"operationId": "list", "responses": {"200": {"description": "ok"}}, **extension, **more}
    info = {"title": "Things", "version": "1"}
    return json.dumps({"openapi": "3.0.3", "info": info, "paths": {"/things": {"get": get}}})


def imported(access: Any = None, **more: Any) -> ProductVersion:
    return actions.import_product(acting_user=SYSTEM, text=document(access, **more))


def set_access(operation: Operation, **rules: Any) -> None:
    told = {"is_public": False, "requires_certificate": False, **rules}
    actions.set_operation_access(acting_user=SYSTEM, operation=operation, **told)


def test_a_document_may_ask_for_more_than_scopes() -> None:
    row = imported(ASKED).operations.get()
    assert (row.requires_certificate, row.requires_binding, row.is_public) == (True, True, False)
    assert (row.psd2_roles, row.acr_values, row.max_age) == (["PSP_AI", "PSP_PI"], ["b", "a"], 900)


def test_what_the_operator_decided_stays_when_the_document_comes_again() -> None:
    set_access(
        imported(ASKED).operations.get(), psd2_roles=["PSP_IC"], acr_values=[], max_age=0, requires_binding=False
    )
    row = imported(ASKED, summary="Another document").operations.get()
    assert (row.requires_certificate, row.requires_binding) == (False, False)
    assert (row.psd2_roles, row.acr_values, row.max_age, row.summary) == (["PSP_IC"], [], 0, "Another document")


@pytest.mark.parametrize(
    ("access", "place"),
    [
        ("everybody", ""),
        ({"isPublic": True}, "/isPublic"),
        ({"requiresBinding": "yes"}, "/requiresBinding"),
        ({"psd2Roles": "PSP_AI"}, "/psd2Roles"),
        ({"psd2Roles": ["PSP_XX"]}, "/psd2Roles"),
        ({"acrValues": ['a"b']}, "/acrValues"),
        ({"acrValues": ["a\nb"]}, "/acrValues"),
        ({"maxAge": 59}, "/maxAge"),
        ({"maxAge": 31_536_001}, "/maxAge"),
        ({"maxAge": "900"}, "/maxAge"),
        ({"maxAge": True}, "/maxAge"),
    ],
)
def test_a_document_that_asks_for_something_else_is_refused_with_the_place(access: Any, place: str) -> None:
    with pytest.raises(PropylonError) as refused:
        imported(access)
    assert [error.field.rpartition("x-propylon-access")[2] for error in refused.value.errors] == [place]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"psd2_roles": ["PSP_XX"]}, "psd2_roles"),
        ({"acr_values": ["two words"]}, "acr_values"),
        ({"acr_values": [str(number) for number in range(11)]}, "acr_values"),
        ({"max_age": 59}, "max_age"),
        ({"max_age": -60}, "max_age"),
        ({"plans": ["nobody's"]}, "plans"),
    ],
)
def test_rules_that_make_no_sense_are_refused_at_their_field(rules: dict[str, Any], field: str) -> None:
    operation = imported().operations.get()
    with pytest.raises(PropylonError, match=r"catalog\.operation\.invalid") as refused:
        set_access(operation, **rules)
    assert [error.field for error in refused.value.errors] == [field]
    operation.refresh_from_db()
    assert not operation.psd2_roles + operation.acr_values + operation.plans
    assert not operation.max_age


@pytest.mark.parametrize(
    "rules", [{"requires_binding": True}, {"psd2_roles": ["PSP_AI"]}, {"acr_values": ["a"]}, {"max_age": 60}]
)
def test_an_operation_that_is_open_asks_for_nothing(rules: dict[str, Any]) -> None:
    with pytest.raises(PropylonError, match="contradiction"):
        set_access(imported().operations.get(), is_public=True, **rules)


def test_what_is_not_given_stays() -> None:
    operation = imported(ASKED).operations.get()
    set_access(operation, requires_certificate=True)
    operation.refresh_from_db()
    assert (operation.psd2_roles, operation.requires_binding, operation.max_age) == (["PSP_AI", "PSP_PI"], True, 900)


def test_the_gateway_gets_rules_and_bounds(program: Program) -> None:
    operation = Operation.objects.get(operation_id="listAccounts", product_version__version="v1")
    set_access(operation, psd2_roles=["PSP_AI"], acr_values=["sca"], max_age=600)
    product = operation.product_version.product
    rules = {"max_body_bytes": 1000, "max_answer_bytes": 2000, "timeout_ms": 3000, "requires_binding": True}
    actions.set_call_rules(acting_user=SYSTEM, product=product, **rules)
    publication = next(p for p in selectors.publications_for_gateway() if p.product == product.name)
    assert publication.bounds == Bounds(1000, 2000, 3000)
    told = {each.operation_id: each.rules for each in publication.operations}
    assert told["listAccounts"] == TokenRules(psd2_roles=("PSP_AI",), acr=("sca",), max_age=600, is_bound=True)
    assert all(each.is_bound for each in told.values())
    event = Event.objects.latest("pk")
    assert (event.action, event.data["timeout_ms"]) == ("product.rules_changed", {"from": 0, "to": 3000})
    actions.set_call_rules(acting_user=SYSTEM, product=product, **rules)
    assert Event.objects.latest("pk") == event


def test_bounds_that_make_no_sense_are_refused_at_their_field(program: Program) -> None:
    product = Product.objects.get(name="accounts")
    with pytest.raises(PropylonError, match=r"catalog\.rules\.invalid") as refused:
        actions.set_call_rules(acting_user=SYSTEM, product=product, max_answer_bytes=10**9, timeout_ms=-1)
    assert [error.field for error in refused.value.errors] == ["max_answer_bytes", "timeout_ms"]
    product.refresh_from_db()
    assert product.timeout_ms == 0


def test_both_are_set_by_the_management_api(program: Program) -> None:
    api = program.callers["operator"]
    answer = api("PATCH", "/products/accounts", {"max_body_bytes": 5000, "requires_binding": True})
    assert (answer.status, answer.body["max_body_bytes"], answer.body["requires_binding"]) == (200, 5000, True)
    answer = api("PATCH", "/products/accounts", {"max_body_bytes": 0})
    assert (answer.body["max_body_bytes"], answer.body["requires_binding"]) == (0, True)
    told = {"psd2_roles": ["PSP_AI"], "acr_values": ["sca", "pin"], "max_age": 600, "requires_binding": True}
    answer = api("PATCH", "/products/accounts/versions/v1/operations/listAccounts", told)
    assert (answer.status, {name: answer.body[name] for name in told}) == (200, told)


def test_partners_read_them_in_words(program: Program) -> None:
    operation = Operation.objects.get(operation_id="listAccounts", product_version__version="v1")
    set_access(operation, psd2_roles=["PSP_AI"], acr_values=["sca"], max_age=600, requires_binding=True)
    actions.set_call_rules(
        acting_user=SYSTEM, product=operation.product_version.product, max_body_bytes=2048, timeout_ms=2500
    )
    page = Browser().get("/products/accounts/v1/reference/listAccounts", secure=True).content.decode()
    for words in (
        "account information (PSP_AI)",
        "acr_values: sca",
        "within the last 600 seconds",
        "a key whose proof you send",
        "within 2.5 seconds",
    ):
        assert words in page, words
