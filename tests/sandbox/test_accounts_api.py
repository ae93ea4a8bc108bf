"""The accounts product: what its document says is what it answers; who sees what; links; errors."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from rfc3339_validator import validate_rfc3339
from starlette.applications import Starlette

from propylon.sandbox.people import PEOPLE

Headers = dict[str, str]

ACCOUNTS = "/accounts/v1/accounts"


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load((files("propylon.sandbox") / "documents" / "accounts-v1.yaml").read_text())


def _validate(document: Any, name: str, value: object) -> None:
    """Against a schema of the document; `nullable` of OpenAPI 3.0 is told in JSON Schema's words first."""

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        told = {key: plain(item) for key, item in node.items() if key != "nullable"}
        return {"anyOf": [told, {"type": "null"}]} if node.get("nullable") else told

    schema = {"$ref": f"#/components/schemas/{name}", "components": plain(document["components"])}
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())


def test_every_answer_is_what_the_document_says(bank_client: httpx.Client, service: Headers, document: Any) -> None:
    listed = bank_client.get(f"{ACCOUNTS}?limit=500", headers=service)
    _validate(document, "AccountList", listed.json())
    for account in listed.json()["data"]:
        _validate(document, "Account", bank_client.get(f"{ACCOUNTS}/{account['id']}", headers=service).json())
        transactions = bank_client.get(f"{ACCOUNTS}/{account['id']}/transactions?limit=100", headers=service)
        _validate(document, "TransactionList", transactions.json())
    assert validate_rfc3339(listed.json()["data"][0]["balances"][0]["asOf"])
    for path in (f"{ACCOUNTS}/acc-999999", f"{ACCOUNTS}?limit=0"):
        _validate(document, "Error", bank_client.get(path, headers=service).json())


def test_every_operation_of_the_document_is_served_and_nothing_else(sandbox_app: Starlette, document: Any) -> None:
    routes = {getattr(route, "path", "") for route in sandbox_app.routes}
    documented = {f"/accounts/v1{path}" for path in document["paths"]}
    assert documented == {path for path in routes if path.startswith("/accounts/v1")}


def test_an_account_equals_its_item_in_the_list(bank_client: httpx.Client, service: Headers) -> None:
    for item in bank_client.get(f"{ACCOUNTS}?limit=500", headers=service).json()["data"]:
        assert bank_client.get(f"{ACCOUNTS}/{item['id']}", headers=service).json() == item


def test_the_booked_balance_is_the_sum_of_the_booked_transactions(bank_client: httpx.Client, service: Headers) -> None:
    for account in bank_client.get(f"{ACCOUNTS}?limit=5", headers=service).json()["data"][1:]:
        answer = bank_client.get(f"{ACCOUNTS}/{account['id']}/transactions?limit=500", headers=service).json()
        booked = sum(Decimal(item["amount"]) for item in answer["data"] if item["status"] == "booked")
        pending = [Decimal(item["amount"]) for item in answer["data"] if item["status"] == "pending"]
        balances = {balance["type"]: Decimal(balance["amount"]) for balance in account["balances"]}
        assert balances["booked"] == booked
        assert balances["available"] == booked + sum(amount for amount in pending if amount < 0)


def test_a_customer_sees_the_own_accounts_and_a_service_token_all(
    bank_client: httpx.Client, service: Headers, gateway_headers: Callable[[str], Headers]
) -> None:
    everything = bank_client.get(f"{ACCOUNTS}?limit=500", headers=service).json()
    owned: list[str] = []
    for person in PEOPLE:
        answer = bank_client.get(f"{ACCOUNTS}?limit=500", headers=gateway_headers(person.subject)).json()
        assert {account["ownerName"] for account in answer["data"]} == {person.name}
        assert answer["paging"]["totalCount"] == len(answer["data"])
        owned += [account["id"] for account in answer["data"]]
    assert sorted(owned) == [account["id"] for account in everything["data"]]


@pytest.mark.parametrize("rest", ["", "/transactions"])
def test_another_customers_account_is_as_unknown_as_one_that_does_not_exist(
    bank_client: httpx.Client, customer: Headers, gateway_headers: Callable[[str], Headers], rest: str
) -> None:
    others = bank_client.get(ACCOUNTS, headers=gateway_headers(PEOPLE[1].subject)).json()["data"][0]["id"]
    answers = [
        bank_client.get(f"{ACCOUNTS}/{identifier}{rest}", headers=customer)
        for identifier in (others, "acc-999999", "acc-1", "1", "acc-00000\uff11", "acc-000001%00")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "account.unknown"


def test_a_subject_that_the_bank_does_not_know_has_no_accounts(
    bank_client: httpx.Client, gateway_headers: Callable[[str], Headers]
) -> None:
    answer = bank_client.get(ACCOUNTS, headers=gateway_headers("cus_elsewhere")).json()
    assert answer["data"] == []
    assert answer["paging"]["totalCount"] == 0
    assert answer["paging"]["next"] is answer["paging"]["previous"] is None


def test_without_the_gateways_identity_nothing_is_seen(bank_client: httpx.Client) -> None:
    for headers in ({}, {"X-Propylon-Client": "client-1"}, {"X-Propylon-Client": "", "X-Propylon-Subject": ""}):
        answer = bank_client.get(ACCOUNTS, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "caller.unknown"


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({}, "https://localhost:8444/sandbox/accounts/v1"),
        ({"X-Forwarded-Port": "8443"}, "https://localhost:8443/sandbox/accounts/v1"),
        ({"X-Forwarded-Port": "443"}, "https://localhost/sandbox/accounts/v1"),
        ({"X-Forwarded-Host": "api.bank.example:8444"}, "https://api.bank.example:8444/sandbox/accounts/v1"),
        ({"X-Forwarded-Host": "[::1]"}, "https://[::1]:8444/sandbox/accounts/v1"),
        ({"X-Forwarded-Prefix": "/api/accounts/v1"}, "https://localhost:8444/api/accounts/v1"),
    ],
)
def test_g5_links_are_absolute_and_lead_back_to_where_the_call_came_from(
    bank_client: httpx.Client, service: Headers, headers: Headers, base: str
) -> None:
    account = bank_client.get(f"{ACCOUNTS}/acc-000001", headers=service | headers).json()
    assert account["links"] == [
        {"rel": "self", "href": f"{base}/accounts/acc-000001"},
        {"rel": "transactions", "href": f"{base}/accounts/acc-000001/transactions"},
    ]


def test_g5_every_url_in_data_is_an_href_that_answers(bank_client: httpx.Client, service: Headers) -> None:
    base = "https://localhost:8444/sandbox"
    answer = bank_client.get(f"{ACCOUNTS}/acc-000002/transactions?limit=2", headers=service).json()
    for item in [*answer["data"], bank_client.get(f"{ACCOUNTS}/acc-000002", headers=service).json()]:
        for link in item["links"]:
            assert set(link) == {"rel", "href"}
            assert link["href"].startswith(base)
            assert bank_client.get(link["href"].removeprefix(base), headers=service).status_code == 200


def test_g1_g2_every_answer_and_error_carries_the_gateways_tracking_id(
    bank_client: httpx.Client, service: Headers
) -> None:
    for path, status in ((ACCOUNTS, 200), (f"{ACCOUNTS}/x", 404), (f"{ACCOUNTS}?limit=x", 400), ("/nowhere", 404)):
        answer = bank_client.get(path, headers=service)
        assert answer.status_code == status
        assert answer.headers["RequestTrackingId"] == service["RequestTrackingId"]
        if status != 200:
            body = answer.json()
            assert list(body) == ["code", "message", "trackingId", "transient", "errors"]
            assert body["trackingId"] == service["RequestTrackingId"]
            assert body["transient"] == "false"


def test_a_method_that_is_not_served_says_which_ones_are(bank_client: httpx.Client, service: Headers) -> None:
    answer = bank_client.delete(f"{ACCOUNTS}/acc-000001", headers=service)
    assert answer.status_code == 405
    assert answer.json()["code"] == "request.method.not_allowed"
    assert "GET" in answer.headers["Allow"]


def test_health_says_how_many_accounts_there_are(bank_client: httpx.Client) -> None:
    answer = bank_client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["accounts"] > 20
