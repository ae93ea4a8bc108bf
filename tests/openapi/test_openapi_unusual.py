"""What real documents do that the specification does not foresee: taken in, and told with its place."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.openapi.api import Api
from propylon.openapi.difference import difference
from propylon.openapi.documented import documented_operation
from propylon.openapi.mistakes import DocumentRejectedError
from propylon.openapi.mock import MockApi, UnknownItemError
from propylon.openapi.read import api_of, read_api
from propylon.openapi.swagger2 import from_swagger

OK = {"200": {"description": "ok"}}


def api(paths: dict[str, Any], **more: Any) -> Api:
    """Read as a text; what was mended needs no mending a second time, and every operation answers and is shown."""
    document = {"openapi": "3.0.3", "info": {"title": "Odd", "version": "1"}, "paths": paths, **more}
    found = read_api(json.dumps(document))
    again = api_of(json.loads(json.dumps(found.document)))
    assert again.operations == found.operations
    mock = MockApi(found.document)
    for operation in found.operations:
        assert documented_operation(found.document, operation.method, operation.path)
        mock.answer(mock.operation(operation.method, operation.path), {"id": "1", "name": "1"}, "seed")
    return found


def notes(found: Api) -> dict[str, str]:
    return {note.place: note.reason for note in found.notes}


def get(**more: Any) -> dict[str, Any]:
    return {"get": {"operationId": "x", "responses": OK, **more}}


def names(found: Api) -> list[str]:
    return [f"{each.method} {each.path}" for each in found.operations]


def test_a_document_without_oddities_has_no_notes() -> None:
    assert api({"/a": get()}).notes == ()


def test_paths_that_differ_in_names_alone_are_one_path() -> None:
    parameter = {"in": "path", "required": True, "schema": {"type": "string"}}
    found = api(
        {
            "/a/{id}": {**get(), "parameters": [{**parameter, "name": "id"}]},
            "/a/{name}": {
                **get(operationId="y"),
                "put": {"operationId": "z", "responses": OK},
                "parameters": [{**parameter, "name": "name"}],
            },
        }
    )
    assert names(found) == ["GET /a/{id}", "PUT /a/{id}"]
    assert "which answers instead" in notes(found)["#/paths/~1a~1{name}/get"]
    assert "listed there" in notes(found)["#/paths/~1a~1{name}/put"]


def test_path_parameters_are_declared_required_and_held_by_the_path() -> None:
    found = api(
        {
            "/a/{id}": get(),
            "/b/{id}": get(operationId="y", parameters=[{"name": "id", "in": "path", "schema": {"type": "string"}}]),
            "/c": get(
                operationId="z",
                parameters=[{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            ),
        }
    )
    told = notes(found)
    assert "not declared" in told["#/paths/~1a~1{id}/get"]
    assert "always required" in told["#/paths/~1b~1{id}/get/parameters/0"]
    assert "does not hold" in told["#/paths/~1c/get/parameters/0"]
    shown = documented_operation(found.document, "GET", "/a/{id}")
    assert shown is not None
    assert [each.schema.name for each in shown.parameters] == ["id"]


def test_an_id_of_two_operations_stays_with_the_first() -> None:
    found = api({"/a": get(), "/b": get()})
    assert [each.operation_id for each in found.operations] == ["x", "getB"]
    assert "another operation's id" in notes(found)["#/paths/~1b/get/operationId"]


def test_trace_is_left_out_and_an_empty_answer_is_an_answer() -> None:
    found = api(
        {"/a": {**get(responses={"204": None}), "trace": {"responses": OK}}, "/b": get(operationId="y", responses={})}
    )
    assert names(found) == ["GET /a", "GET /b"]
    told = notes(found)
    assert {"#/paths/~1a/trace", "#/paths/~1a/get/responses/204", "#/paths/~1b/get"} <= told.keys()


def test_a_schema_that_is_nowhere_described_takes_any_value() -> None:
    answer = {
        "200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/No"}}}}
    }
    found = api({"/a": get(responses=answer)})
    place = "#/paths/~1a/get/responses/200/content/application~1json/schema/$ref"
    assert "'No' is not described" in notes(found)[place]


@pytest.mark.parametrize(
    "reference", ["other.yaml#/Thing", "https://bank.example/things.json", "#/components/responses/No"]
)
def test_what_stands_elsewhere_is_not_fetched_and_not_guessed(reference: str) -> None:
    with pytest.raises(DocumentRejectedError) as caught:
        api({"/a": get(responses={"200": {"$ref": reference}})})
    (mistake,) = caught.value.mistakes
    assert mistake.place == "#/paths/~1a/get/responses/200/$ref"
    assert "put what it names into this document" in mistake.reason or "names nothing" in mistake.reason


SCHEMES = {
    "login": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "https://b.example", "scopes": {"read": "R"}}},
    },
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
}


@pytest.mark.parametrize(
    ("security", "scopes", "word"),
    [
        ([{"login": ["write"]}], ("write",), "no flow declares"),
        ([{"login": None}], (), "no list of scopes"),
        ([{"gone": []}], (), "not described"),
        ([], (), "lets anybody call"),
        ([{"login": ["read"]}, {"login": ["write"]}], ("read",), "alternatives"),
    ],
)
def test_security_is_never_less_than_the_document_asks_for(security: Any, scopes: tuple[str, ...], word: str) -> None:
    found = api({"/a": get(security=security)}, components={"securitySchemes": SCHEMES})
    assert found.operations[0].scopes == scopes
    assert any(word in note.reason and note.place.startswith("#/paths/~1a/get/security") for note in found.notes)
    assert "apiKey" in notes(found)["#/components/securitySchemes/key"]


def test_servers_callbacks_webhooks_and_extensions_are_told() -> None:
    found = api(
        {"/a": get(callbacks={"done": {"{$request.body#/url}": {"post": {"responses": OK}}}}, servers=[{"url": "/x"}])},
        servers=[{"url": "https://bank.example/api/v2"}, {"url": "https://{host}/"}, {"url": "/v1"}],
        webhooks={"paid": {"post": {"responses": OK}}},
        **{"x-logo": {"url": "https://b.example/x.png"}},
    )
    told = notes(found)
    assert "/api/v2" in told["#/servers/0"]
    assert "variables" in told["#/servers/1"]
    assert "/v1" in told["#/servers/2"]
    assert "callback" in told["#/paths/~1a/get/callbacks/done"]
    assert "webhook" in told["#/webhooks/paid"]
    assert "there are 1" in told["#/x-logo"]
    assert "#/paths/~1a/get/servers/0" in told


def test_versions_without_quotes_are_texts() -> None:
    found = read_api(
        "openapi: 3.0\ninfo: {title: 7, version: 1.10}\npaths: {/a: {get: {responses: {200: {description: x}}}}}\n"
    )
    assert (found.title, found.version) == ("7", "v1")
    assert {"#/openapi", "#/info/title", "#/info/version"} <= notes(found).keys()


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Ledger", "version": "2.1"},
    "host": "bank.example",
    "basePath": "/ledger",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "parameters": {
        "limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 100},
        "entry": {"name": "entry", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Entry"}},
    },
    "responses": {"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/Error"}}},
    "paths": {
        "/entries": {
            "get": {
                "operationId": "list",
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {
                        "name": "ids",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "multi",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "all",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Entry"}},
                        "headers": {"X-Total": {"type": "integer"}},
                        "examples": {"application/json": [{"id": "1"}]},
                    },
                    "410": {"$ref": "#/responses/Gone"},
                },
                "security": [{"login": ["read"]}],
            },
            "post": {
                "operationId": "add",
                "parameters": [{"$ref": "#/parameters/entry"}],
                "responses": {"201": {"description": "x"}},
            },
        },
        "/entries/{id}/file": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "put": {
                "operationId": "attach",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "note", "in": "formData", "type": "string"},
                ],
                "responses": {"204": {"description": "kept"}},
            },
        },
    },
    "definitions": {
        "Entry": {
            "type": "object",
            "discriminator": "kind",
            "properties": {
                "id": {"type": "string"},
                "kind": {"type": "string"},
                "parent": {"$ref": "#/definitions/Entry"},
            },
        },
        "Error": {"type": "object", "properties": {"code": {"type": "string", "x-nullable": True}}},
    },
    "securityDefinitions": {
        "login": {
            "type": "oauth2",
            "flow": "application",
            "tokenUrl": "https://b.example/token",
            "scopes": {"read": "Read"},
        },
        "basic": {"type": "basic"},
    },
}


def test_swagger_2_0_becomes_openapi_3_0_with_everything() -> None:
    found = read_api(json.dumps(SWAGGER))
    document: Any = found.document
    assert names(found) == ["GET /entries", "POST /entries", "PUT /entries/{id}/file"]
    assert found.operations[0].scopes == ("read",)
    assert document["servers"] == [{"url": "https://bank.example/ledger"}]
    listing = document["paths"]["/entries"]["get"]
    assert listing["parameters"][0] == {"$ref": "#/components/parameters/limit"}
    assert listing["parameters"][1]["explode"] is True
    answer = listing["responses"]["200"]
    assert answer["content"]["application/json"]["example"] == [{"id": "1"}]
    assert answer["headers"]["X-Total"]["schema"] == {"type": "integer"}
    body = document["paths"]["/entries"]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Entry"}
    form = document["paths"]["/entries/{id}/file"]["put"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["file"] == {"type": "string", "format": "binary"}
    assert form["required"] == ["file"]
    assert document["components"]["schemas"]["Entry"]["discriminator"] == {"propertyName": "kind"}
    assert document["components"]["schemas"]["Error"]["properties"]["code"]["nullable"] is True
    assert document["components"]["securitySchemes"]["basic"] == {"type": "http", "scheme": "basic"}
    told = notes(found)
    assert "give /ledger as the path there" in told["#/servers/0"]
    assert "#/securityDefinitions/basic" in told
    mock = MockApi(document)
    assert mock.answer(mock.operation("GET", "/entries"), {}, "seed").status == 200


def test_a_mistake_of_a_swagger_document_has_its_place_there() -> None:
    broken = json.loads(json.dumps(SWAGGER))
    broken["definitions"]["Entry"]["properties"]["parent"] = {"$ref": "other.json#/x"}
    with pytest.raises(DocumentRejectedError) as caught:
        read_api(json.dumps(broken))
    assert [mistake.place for mistake in caught.value.mistakes] == ["#/definitions/Entry/properties/parent/$ref"]


def _places(node: Any, steps: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [steps, *(place for key, item in inside for place in _places(item, (*steps, key)))]


ODD_VALUES: list[Any] = [
    None, [], {}, "x", "", 7, -1.5, True, [None], [{}], ["a"], {"a": None}, {"x-y": 1}, {"$ref": 5}, {"$ref": "#/"},
    {"$ref": "#/components/schemas/Entry"}, {"type": "array"},
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_is_refused_in_words_or_can_be_used(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from([SWAGGER, from_swagger(SWAGGER)]))
    document = json.loads(json.dumps(base))
    *above, last = data.draw(st.sampled_from([steps for steps in _places(document) if steps]))
    place: Any = document
    for step in above:
        place = place[step]
    place[last] = data.draw(st.sampled_from(ODD_VALUES))
    try:
        found = read_api(json.dumps(document))
    except DocumentRejectedError:
        return
    mock = MockApi(found.document)
    for operation in found.operations:
        assert documented_operation(found.document, operation.method, operation.path)
        with contextlib.suppress(UnknownItemError):
            mock.answer(mock.operation(operation.method, operation.path), {"id": "1"}, "seed")
    assert difference(found.document, found.document).changes == ()


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "strng"}, "must be one of"),
        ({"type": "object", "properties": []}, "must be a mapping"),
        ({"type": "string", "maxLength": -1}, "whole number"),
        ({"required": "id"}, "list of names"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_with_its_place(schema: Any, word: str) -> None:
    with pytest.raises(DocumentRejectedError) as caught:
        api({"/a": get()}, components={"schemas": {"A": schema}})
    (mistake,) = caught.value.mistakes
    assert mistake.place.startswith("#/components/schemas/A/")
    assert word in mistake.reason


def test_an_empty_place_is_nothing_and_a_number_is_a_text() -> None:
    found = api({"/a": get(parameters=None, summary=2020)}, components={"schemas": {"A": {"properties": {"x": None}}}})
    assert found.operations[0].summary == "2020"
    assert {"#/paths/~1a/get/parameters", "#/paths/~1a/get/summary", "#/components/schemas/A/properties/x"} <= set(
        notes(found)
    )
