"""Mock answers: each validates against its own schema, the same id gives the same item, lists agree with items."""

from __future__ import annotations

from typing import Any

import pytest

from propylon.openapi.api import Api
from propylon.openapi.mock import MockApi, UnknownItemError
from propylon.openapi.paths import names_of
from propylon.openapi.read import api_of, read_api
from propylon.openapi.references import resolve

VALUES = {"payment-service": "payments", "payment-product": "sepa-credit-transfers"}


def body(schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "x", "content": {"application/json": {"schema": schema}}}}


def things(item: Any, listed: Any = None, parameter: Any = None, **more: Any) -> dict[str, Any]:
    """`GET /things` and `GET /things/{id}`."""
    schema = listed or {"type": "array", "items": item}
    described = {"name": "id", "in": "path", "required": True, "schema": parameter or {"type": "string"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {"get": {"responses": body(schema)}},
            "/things/{id}": {"parameters": [described], "get": {"responses": body(item)}},
            **more.pop("paths", {}),
        },
        "components": {"schemas": more},
    }


def get(document: dict[str, Any], path: str, method: str = "GET", seed: str = "seed") -> Any:
    api = MockApi(api_of(document).document)
    operations, parameters = api.find(path)
    return api.answer(operations[method], parameters, seed).body


def every_answer(api: Api) -> list[tuple[str, str, Any, Any]]:
    """(operation, status, schema, body) of every JSON response that the document describes."""
    mock = MockApi(api.document)
    found = []
    for described in api.operations:
        operation = mock.operation(described.method, described.path)
        parameters = {name: VALUES.get(name, "abc-123") for name in names_of(described.path)}
        for status, response in operation.responses.items():
            answer = mock.answer(operation, parameters, "seed", status=status)
            content = resolve(dict(api.document), response).get("content", {})
            if answer.is_json:
                found.append((described.operation_id, status, content[answer.media_type]["schema"], answer.body))
            else:
                assert "application/json" not in content
    return found


def test_all_38_operations_of_the_berlin_group_answer_what_their_schemas_say(
    nextgenpsd2_text: str, judge_of: Any
) -> None:
    api = read_api(nextgenpsd2_text)
    judge = judge_of(dict(api.document))
    answers = every_answer(api)
    assert len({operation for operation, _, _, _ in answers}) == 38
    assert [
        (name, status, wrong) for name, status, schema, made in answers if (wrong := judge.mistakes(schema, made))
    ] == []
    assert len([status for _, status, _, _ in answers if not status.startswith("2")]) > 200  # errors too


def test_every_success_of_the_berlin_group_has_its_status_and_content(nextgenpsd2_text: str) -> None:
    api = read_api(nextgenpsd2_text)
    mock = MockApi(api.document)
    for described in api.operations:
        path = described.path
        for name in names_of(path):
            path = path.replace("{" + name + "}", VALUES.get(name, "abc-123"))
        operations, parameters = mock.find(path)
        answer = mock.answer(operations[described.method], parameters, "seed")
        expected = {"POST": {201, 200}, "GET": {200}, "PUT": {200}, "DELETE": {204, 202}}[described.method]
        assert answer.status in expected
        assert answer.is_json or answer.status == 204
        assert operations[described.method].path == described.path


def test_berlin_group_lists_agree_with_items(nextgenpsd2_text: str) -> None:
    mock = MockApi(read_api(nextgenpsd2_text).document)

    def answer(path: str) -> Any:
        operations, parameters = mock.find(path)
        return mock.answer(operations["GET"], parameters, "seed").body

    for kind, listed, item in (("accounts", "accounts", "account"), ("card-accounts", "cardAccounts", "cardAccount")):
        accounts = answer(f"/v1/{kind}")[listed]
        assert len({account["resourceId"] for account in accounts}) == len(accounts) >= 2
        for account in accounts:
            assert answer(f"/v1/{kind}/{account['resourceId']}")[item] == account
    account = accounts[0]["resourceId"]
    transactions = answer(f"/v1/accounts/{account}/transactions")["transactions"]
    both = transactions["booked"] + transactions["pending"]
    assert len({transaction["transactionId"] for transaction in both}) == len(both) >= 4
    for transaction in both:
        path = f"/v1/accounts/{account}/transactions/{transaction['transactionId']}"
        assert answer(path)["transactionsDetails"] == transaction


def test_the_consents_path_is_not_swallowed_by_the_payments_template(nextgenpsd2_text: str) -> None:
    mock = MockApi(read_api(nextgenpsd2_text).document)
    operations, parameters = mock.find("/v1/consents/xyz")
    assert parameters == {"consentId": "xyz"}
    assert operations.keys() == {"GET", "DELETE"}
    assert mock.find("/v1/payments/sepa-credit-transfers")[1] == VALUES


def test_the_mocked_accounts_product_says_to_which_account_a_transaction_belongs(
    accounts_text: str, judge_of: Any
) -> None:
    api = read_api(accounts_text)
    judge = judge_of(dict(api.document))
    assert [made for _, _, schema, made in every_answer(api) if judge.mistakes(schema, made)] == []
    page = get(dict(api.document), "/accounts/acc-7/transactions")
    assert {transaction["accountId"] for transaction in page["data"]} == {"acc-7"}
    assert len({transaction["id"] for transaction in page["data"]}) == len(page["data"])


THING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "price": {"type": "number", "minimum": 0},
        "parent": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
}


@pytest.mark.parametrize(
    ("identifier", "example"),
    [
        ({"type": "string"}, "a thing"),
        ({"type": "string", "format": "uuid"}, "5fce5a35-b535-4397-b32c-33cf1ddcd2b0"),
        ({"type": "string", "pattern": "^[A-Z]{3}[0-9]{4}$"}, "ABC1234"),
        ({"type": "string", "maxLength": 5}, "abc"),
        ({"type": "string", "minLength": 20, "maxLength": 20}, "x" * 20),
        ({"type": "string", "enum": ["red", "green", "blue"]}, "red"),
        ({"type": "integer"}, 17),
        ({"type": "integer", "minimum": 1, "maximum": 20}, 5),
        ({"type": "integer", "format": "int64", "example": 10}, 10),
    ],
)
def test_lists_agree_with_items_and_items_have_the_id_of_their_path(
    judge_of: Any, identifier: dict[str, Any], example: Any
) -> None:
    item = {**THING, "properties": {**THING["properties"], "id": identifier}}
    document = things({"$ref": "#/components/schemas/Thing"}, parameter=identifier, Thing=item)
    listed = get(document, "/things")
    assert len({thing["id"] for thing in listed}) == len(listed) == 3
    judge = judge_of(document)
    for thing in listed:
        assert judge.mistakes(item, thing) == []
        assert get(document, f"/things/{thing['id']}") == thing
    assert get(document, f"/things/{example}".replace(" ", "%20"))["id"] == example
    names = {thing["name"] for thing in listed}
    assert len(names) == len(listed)  # different items differ


def with_members(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members}


THINGS = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
WARNINGS = {"type": "array", "items": with_members(text={"type": "string"})}


@pytest.mark.parametrize(
    ("listed", "place"),
    [
        (with_members(data=THINGS), ["data"]),
        (with_members(_embedded=with_members(things=THINGS), warnings=WARNINGS), ["_embedded", "things"]),
    ],
)
def test_the_list_is_found_within_its_envelope(listed: dict[str, Any], place: list[str]) -> None:
    document = things({"$ref": "#/components/schemas/Thing"}, listed, Thing=THING)
    found = get(document, "/things")
    for step in place:
        found = found[step]
    assert len(found) == 3
    for thing in found:
        assert get(document, f"/things/{thing['id']}") == thing


def test_a_summary_in_the_list_agrees_with_the_whole_item() -> None:
    summary = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    wrapped = {"type": "object", "properties": {"thing": THING, "meta": {"type": "object", "properties": {"x": {}}}}}
    document = things(wrapped, {"type": "array", "items": summary})
    for listed in get(document, "/things"):
        thing = get(document, f"/things/{listed['id']}")["thing"]
        assert {name: thing[name] for name in listed} == listed


def test_items_below_another_item_differ_with_it_and_name_it() -> None:
    parts = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "thingId": {"type": "string"}, "size": {"type": "integer"}},
    }
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    part = {"name": "partId", "in": "path", "required": True, "schema": {"type": "string"}}
    document = things(
        THING,
        paths={
            "/things/{id}/parts": {"get": {"parameters": [path], "responses": body({"type": "array", "items": parts})}},
            "/things/{id}/parts/{partId}": {"get": {"parameters": [path, part], "responses": body(parts)}},
        },
    )
    one, two = get(document, "/things/one/parts"), get(document, "/things/two/parts")
    assert one != two
    assert {part["thingId"] for part in one} == {"one"}
    assert [get(document, f"/things/one/parts/{part['id']}") for part in one] == one


def test_what_was_created_can_be_read_and_put_answers_with_the_same_item() -> None:
    operation = {"responses": body({"$ref": "#/components/schemas/Thing"}, "201")}
    document = things({"$ref": "#/components/schemas/Thing"}, Thing=THING)
    document["paths"]["/things"]["post"] = operation
    document["paths"]["/things/{id}"]["put"] = {"responses": body({"$ref": "#/components/schemas/Thing"})}
    created = get(document, "/things", "POST")
    assert get(document, f"/things/{created['id']}") == created
    assert get(document, f"/things/{created['id']}", "PUT") == created


def test_an_id_that_the_schema_refuses_is_unknown() -> None:
    document = things(THING, parameter={"type": "string", "pattern": "^[a-z]+$"})
    with pytest.raises(UnknownItemError):
        get(document, "/things/123")
    error = {"type": "object", "properties": {"code": {"type": "string", "enum": ["gone"]}}}
    document["paths"]["/things/{id}"]["get"]["responses"] |= body(error, "404")
    api = MockApi(document)
    operations, parameters = api.find("/things/123")
    answer = api.answer(operations["GET"], parameters, "seed")
    assert (answer.status, answer.body) == (404, {"code": "gone"})


def test_another_seed_is_another_bank_and_the_same_seed_the_same() -> None:
    document = things(THING)
    assert get(document, "/things") == get(document, "/things") != get(document, "/things", seed="other")


def test_headers_and_texts_and_empty_answers() -> None:
    document = things(THING)
    document["paths"]["/plain"] = {
        "get": {
            "responses": {
                "200": {
                    "description": "x",
                    "headers": {"X-Rate": {"schema": {"type": "integer", "minimum": 3, "maximum": 3}}},
                    "content": {"text/plain": {"schema": {"type": "string"}, "example": "hello"}},
                }
            }
        },
        "delete": {"responses": {"204": {"description": "gone"}}},
        "post": {"responses": {"default": {"description": "x", "content": {"*/*": {"schema": {"type": "boolean"}}}}}},
    }
    api = MockApi(document)
    operations, _ = api.find("/plain")
    text = api.answer(operations["GET"], {}, "seed")
    assert (text.status, text.body, text.media_type, text.headers) == (200, "hello", "text/plain", {"X-Rate": "3"})
    gone = api.answer(operations["DELETE"], {}, "seed")
    assert (gone.status, gone.media_type, gone.body) == (204, "", None)
    other = api.answer(operations["POST"], {}, "seed")
    assert (other.status, other.media_type) == (200, "application/json")


def test_the_example_of_a_whole_body_is_used_where_no_ids_are_involved() -> None:
    document = things(THING)
    schema = {"type": "object", "properties": {"free": {"type": "string"}, "more": {"type": "string"}}}
    content = {"schema": schema, "examples": {"one": {"value": {"free": "as written"}}}}
    document["paths"]["/state"] = {
        "get": {"responses": {"200": {"description": "x", "content": {"application/json": content}}}}
    }
    made = get(document, "/state")
    assert made["free"] == "as written"
    assert made["more"]
