"""The catalogue in the management API. Who may do what is tried in tests/manage/test_permissions.py."""

from __future__ import annotations

from typing import Any

from management import Program
from propylon.audit.models import Event
from propylon.catalog.models import Operation, Product, Publication

SMALL = """
openapi: 3.0.3
info: {title: Payments, version: "2.0"}
paths:
  /payments: {get: {responses: {200: {description: x}}}}
"""


def test_every_signed_in_user_sees_visible_products_and_their_addresses(program: Program) -> None:
    answer = program.callers["analyst"].get("/products/accounts")
    assert answer.status == 200
    assert answer.body["scopes"] == [
        {"name": "accounts", "title": "See your accounts and their balances", "risk": "normal"},
        {"name": "transactions", "title": "See the transactions of your accounts", "risk": "normal"},
    ]
    (version,) = answer.body["versions"]
    assert version["version"] == "v1"
    assert [row["base_path"] for row in version["publications"]] == ["/sandbox/accounts/v1", "/api/accounts/v1"]
    assert version["publications"][0]["mutual_url"].endswith(":8444/sandbox/accounts/v1")
    assert [row["name"] for row in program.callers["outsider"].get("/products").body["data"]] == ["accounts"]


def test_a_hidden_product_is_unknown_to_partners_and_known_to_staff(program: Program) -> None:
    assert program.callers["operator"]("PATCH", "/products/accounts", {"is_visible": False}).status == 200
    for path in (
        "/products/accounts",
        "/products/accounts/versions/v1/operations",
        "/products/accounts/versions/v1/openapi",
    ):
        answer = program.callers["developer"].get(path)
        assert (answer.status, answer.code) == (404, "catalog.product.unknown")
        assert program.callers["auditor"].get(path).status == 200
    assert program.callers["developer"].get("/products").body["data"] == []


def test_operations_are_listed_in_pages(program: Program) -> None:
    caller, path = program.callers["developer"], "/products/accounts/versions/v1/operations"
    first = caller.get(f"{path}?limit=2").body
    second = caller.get(f"{path}?{first['paging']['next']}").body
    listed = first["data"] + second["data"]
    assert [(row["method"], row["path"], row["scopes"]) for row in listed] == [
        ("GET", "/accounts", ["accounts"]),
        ("GET", "/accounts/{id}", ["accounts"]),
        ("GET", "/accounts/{id}/transactions", ["transactions"]),
    ]


def test_the_document_comes_with_this_installations_addresses(program: Program) -> None:
    answer = program.callers["developer"].get("/products/accounts/versions/v1/openapi")
    assert answer.body["openapi"] == "3.0.3"
    assert [server["url"] for server in answer.body["servers"]] == [
        "https://localhost:8443/sandbox/accounts/v1",
        "https://localhost:8444/sandbox/accounts/v1",
        "https://localhost:8443/api/accounts/v1",
        "https://localhost:8444/api/accounts/v1",
    ]
    assert answer.headers["content-disposition"] == 'attachment; filename="accounts-v1.json"'


def test_an_operator_imports_and_publishes(program: Program) -> None:
    operator = program.callers["operator"]
    answer = operator.post("/products", {"document": SMALL})
    assert (answer.status, answer.body["name"], answer.body["versions"][0]["version"]) == (201, "payments", "v2")
    published = operator.post(
        "/products/payments/versions/v2/publications",
        {"environment": "sandbox", "upstream": "bank", "upstream_prefix": "/core"},
    )
    assert (published.status, published.body["base_path"]) == (201, "/sandbox/payments/v2")
    assert Event.objects.filter(object_id="payments", actor_label="operator@people.example").count() == 2
    assert operator("DELETE", "/products/payments/versions/v2/publications/sandbox").status == 204
    assert (
        operator("DELETE", "/products/payments/versions/v2/publications/sandbox").code == "catalog.publication.unknown"
    )
    assert not Publication.objects.filter(product_version__product__name="payments").exists()


def test_a_document_with_mistakes_is_refused_with_all_of_them(program: Program) -> None:
    document = "openapi: 3.0.3\ninfo: {title: Bad}\npaths: {/a: {get: {responses: {200: {$ref: '#/x'}}}}}\n"
    answer = program.callers["operator"].post("/products", {"document": document})
    assert (answer.status, answer.code) == (400, "catalog.document.invalid")
    assert answer.fields == {"#/info/version", "#/paths/~1a/get/responses/200/$ref"}
    assert not Product.objects.exclude(name="accounts").exists()


def test_what_is_unknown_is_named(program: Program) -> None:
    operator = program.callers["operator"]
    wishes: list[tuple[str, str, Any, str]] = [
        ("GET", "/products/nothing", None, "catalog.product.unknown"),
        ("GET", "/products/accounts/versions/v9/operations", None, "catalog.version.unknown"),
        ("PATCH", "/products/accounts/versions/v1/operations/x", {}, "catalog.operation.unknown"),
        ("POST", "/products/accounts/versions/v1/publications", {"environment": "x"}, "catalog.environment.unknown"),
        (
            "POST",
            "/products/accounts/versions/v1/publications",
            {"environment": "sandbox", "upstream": "x"},
            "catalog.upstream.unknown",
        ),
    ]
    for method, path, body, code in wishes:
        answer = operator(method, path, body)
        assert (answer.status, answer.code) == (404, code)


def test_only_an_operator_opens_an_operation(program: Program) -> None:
    path = "/products/accounts/versions/v1/operations/listAccounts"
    assert program.callers["developer"]("PATCH", path, {"is_public": True}).status == 403
    assert not Operation.objects.filter(is_public=True).exists()
    answer = program.callers["operator"]("PATCH", path, {"is_public": True})
    assert (answer.status, answer.body["is_public"]) == (200, True)
