"""Documents to operations and scopes; every mistake at once, each with its place."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from propylon.openapi.api import Api, generated_operation_id, slug, version_name
from propylon.openapi.mistakes import DocumentRejectedError
from propylon.openapi.read import api_of, read_api

OK = {"200": {"description": "Done."}}


def document(paths: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "Things", "version": "2.1"}, "paths": paths, **members}


def mistakes_of(value: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(DocumentRejectedError) as rejected:
        api_of(value)
    return {mistake.place: mistake.reason for mistake in rejected.value.mistakes}


def id_parameter(name: str = "id") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def test_every_mistake_is_reported_with_its_place() -> None:
    found = mistakes_of(
        {
            "openapi": "3.0.3",
            "info": {"title": "Things"},
            "paths": {
                "/a/{id}": {
                    "get": {"operationId": "same", "responses": {"200": {"$ref": "#/components/responses/Gone"}}}
                },
                "/a/{other}": {"get": {"operationId": "same", "parameters": [id_parameter("other")], "responses": OK}},
                "b": {"get": {"responses": OK}},
                "/c/{": {"get": {"responses": OK}},
                "/d/{x}{y}": {},
                "/e": {"get": {"operationId": "e"}, "trace": {"responses": OK}},
                "/f": {"get": {"parameters": [id_parameter()], "responses": OK, "security": [{"unknown": []}]}},
                "/g": {"get": {"responses": {"200": {"$ref": "other.yaml#/x"}}}},
                "/h": [],
            },
        }
    )
    expected = {
        "#/info/version": "missing",
        "#/paths/~1a~1{id}/get/responses/200/$ref": "names nothing",
        "#/paths/~1a~1{id}/get": "'id' is not declared",
        "#/paths/~1a~1{other}": "cannot be told from",
        "#/paths/~1a~1{other}/get/operationId": "also the id of #/paths/~1a~1{id}/get",
        "#/paths/b": "begins with '/'",
        "#/paths/~1c~1{": "braces",
        "#/paths/~1d~1{x}{y}": "nothing stands between",
        "#/paths/~1e/get/responses": "missing",
        "#/paths/~1e/trace": "TRACE",
        "#/paths/~1f/get": "the path does not hold it",
        "#/paths/~1f/get/security/0": "no security scheme 'unknown'",
        "#/paths/~1g/get/responses/200/$ref": "leads out of this document",
        "#/paths/~1h": "must be a mapping",
    }
    assert found.keys() == expected.keys()
    for place, words in expected.items():
        assert words in found[place], place


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({}, "#/openapi"),
        ({"swagger": "2.0", "info": {"title": "x", "version": "1"}, "paths": {}}, "#/swagger"),
        ({"openapi": 3.0, "info": {"title": "x", "version": "1"}, "paths": {"/a": {}}}, "#/openapi"),
        ({"openapi": "3.0.0", "info": {"title": "x", "version": 1.0}, "paths": {"/a": {}}}, "#/info/version"),
        ({"openapi": "3.0.0", "info": {"title": "x", "version": "1"}}, "#/paths"),
        ({"openapi": "3.0.0", "info": {"title": "x", "version": "1"}, "paths": {}}, "#/paths"),
    ],
)
def test_what_every_document_must_have(value: dict[str, Any], place: str) -> None:
    assert place in mistakes_of(value)


def test_a_reference_to_itself_is_a_mistake_and_recursion_through_a_property_is_none() -> None:
    schemas = {
        "Loop": {"$ref": "#/components/schemas/Pool"},
        "Pool": {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
        "Tree": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}}},
    }
    found = mistakes_of(document({"/a": {"get": {"responses": OK}}}, components={"schemas": schemas}))
    assert sorted(found) == ["#/components/schemas/Loop/$ref", "#/components/schemas/Pool/allOf/0/$ref"]
    del schemas["Loop"], schemas["Pool"]
    assert api_of(document({"/a": {"get": {"responses": OK}}}, components={"schemas": schemas})).operations


def test_examples_and_properties_named_ref_are_no_references() -> None:
    schema = {
        "type": "object",
        "properties": {"$ref": {"type": "string"}, "example": {"type": "string"}},
        "example": {"$ref": "#/nowhere"},
    }
    api_of(document({"/a": {"get": {"responses": OK}}}, components={"schemas": {"A": schema}}))


SECURED = {
    "securitySchemes": {
        "oauth": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": "/t", "scopes": {"read": "Read things", "write": "Write things"}}
            },
        },
        "key": {"type": "apiKey", "in": "header", "name": "k"},
    }
}


@pytest.mark.parametrize(
    ("security", "scopes"),
    [
        ([{"oauth": ["read"]}], ("read",)),
        ([{"oauth": ["read", "write"]}], ("read", "write")),
        ([{"key": []}, {"oauth": ["write"]}], ("write",)),
        ([{}, {"oauth": ["write"]}], ()),
        ([{"key": []}], ()),
        ([], ()),
        (None, ("read",)),  # the document's own
    ],
)
def test_the_scopes_of_an_operation_are_those_it_cannot_do_without(security: Any, scopes: tuple[str, ...]) -> None:
    operation = {"responses": OK} if security is None else {"responses": OK, "security": security}
    api = api_of(document({"/a": {"get": operation}}, components=SECURED, security=[{"oauth": ["read"]}]))
    assert api.operations[0].scopes == scopes
    assert api.scopes == {"read": "Read things", "write": "Write things"}


def test_a_scope_that_no_flow_declares_is_a_mistake() -> None:
    operation = {"responses": OK, "security": [{"oauth": ["delete"]}]}
    found = mistakes_of(document({"/a": {"get": operation}}, components=SECURED))
    assert "'delete' is not declared" in found["#/paths/~1a/get/security/0"]


def test_generated_operation_ids_give_way_to_those_of_the_document() -> None:
    get = {"responses": OK}
    paths = {
        "/a-b/{id}": {"get": {"responses": OK, "parameters": [id_parameter()]}, "delete": {"operationId": "getAB"}},
        "/a/b": {"get": get},
    }
    paths["/a-b/{id}"]["delete"] |= {"responses": OK, "parameters": [id_parameter()]}
    names = [operation.operation_id for operation in api_of(document(paths)).operations]
    assert names == ["getABById", "getAB", "getAB2"]
    assert generated_operation_id("POST", "/") == "post"


@pytest.mark.parametrize(
    ("paths", "version", "mount"),
    [
        (["/v1/a", "/v1/b/c"], "v1", "/p"),
        (["/v3/a"], "v3", "/p"),
        (["/v1/a", "/v2/b"], "v2", "/p/v2"),
        (["/v1/a", "/b"], "v2", "/p/v2"),
        (["/v1", "/v1/a"], "v2", "/p/v2"),
        (["/version/a"], "v2", "/p/v2"),
        (["/a"], "v2", "/p/v2"),
    ],
)
def test_a_version_at_the_begin_of_every_path_is_not_repeated_in_the_mount(
    paths: list[str], version: str, mount: str
) -> None:
    api = api_of(document({path: {"get": {"responses": OK}} for path in paths}))
    assert (api.version, api.mount_path("p", api.version)) == (version, mount)


def test_the_version_is_the_major_one_of_info() -> None:
    names = {text: version_name(text) for text in ("1.3.11_2021-09-24", "v2.0", "0.9", "2024-01-01", "draft", "007")}
    assert names == {
        "1.3.11_2021-09-24": "v1", "v2.0": "v2", "0.9": "v0", "2024-01-01": "v2024", "draft": "v1", "007": "v7",
    }  # fmt: skip


def test_a_product_name_is_made_from_any_title() -> None:
    assert slug("NextGenPSD2 XS2A Framework") == "nextgenpsd2-xs2a-framework"
    assert slug("Ü!") == "product"
    assert len(slug("x y" * 50)) <= 60


def test_openapi_3_1_is_tolerated() -> None:
    value = document({"/a": {"get": {"responses": OK}}}, webhooks={})
    assert api_of(value | {"openapi": "3.1.0"}).title == "Things"


def test_the_berlin_group_document_is_read_within_5_seconds(nextgenpsd2_text: str) -> None:
    started = time.monotonic()
    api = read_api(nextgenpsd2_text)
    assert time.monotonic() - started < 5
    assert len(api.operations) == 38
    assert (api.version, api.mount_path("psd2", api.version)) == ("v1", "/psd2")
    assert {operation.scopes for operation in api.operations} == {()}  # security is optional everywhere


def test_references_that_are_broken_one_by_one_are_each_reported(nextgenpsd2_text: str) -> None:
    names = ["accountDetails", "tppMessage400_AIS", "UNAUTHORIZED_401_AIS"]
    text = nextgenpsd2_text
    count = 0
    for name in names:
        for quote in ('"', "'"):
            count += text.count(f"/{name}{quote}")
            text = text.replace(f"/{name}{quote}", f"/{name}Gone{quote}")
    assert count > len(names)
    with pytest.raises(DocumentRejectedError) as rejected:
        read_api(text)
    gone = [mistake for mistake in rejected.value.mistakes if "Gone" in mistake.reason]
    schemas = len(re.findall(r"/schemas/\w+Gone", text))  # of a schema alone there is a way to go on
    assert 0 < schemas < count
    assert len(gone) == count - schemas


def test_the_accounts_product_reads_as_the_sandbox_serves_it(accounts_text: str) -> None:
    api: Api = read_api(accounts_text)
    assert [(operation.method, operation.path, operation.scopes) for operation in api.operations] == [
        ("GET", "/accounts", ("accounts",)),
        ("GET", "/accounts/{id}", ("accounts",)),
        ("GET", "/accounts/{id}/transactions", ("transactions",)),
    ]
