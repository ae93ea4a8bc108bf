"""Example requests: what the document gives, else what its schemas ask for; always the same."""

from __future__ import annotations

from typing import Any

import pytest

from openapi.described_requests import parameter, request_of
from propylon.openapi.examples import Parameter
from propylon.openapi.request_address import address_of, headers_of, query_pairs, value_problem


def only_parameter(described: dict[str, Any], path: str = "/things") -> Parameter:
    found = request_of({"parameters": [described]}, path).parameters
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    "described",
    [
        parameter("query", example="given"),
        parameter("query", examples={"one": {"value": "given"}}),
        parameter("query", schema={"type": "string", "example": "given"}),
        {"name": "p", "in": "query", "content": {"application/json": {"schema": {}, "example": "given"}}},
    ],
)
def test_an_example_of_the_document_is_taken(described: dict[str, Any]) -> None:
    found = only_parameter(described)
    assert (found.example, found.is_given) == ("given", True)


def test_without_an_example_the_default_is_taken_then_a_made_value() -> None:
    assert only_parameter(parameter("query", schema={"type": "integer", "default": 15})).example == "15"
    made = only_parameter(parameter("query", schema={"type": "string", "format": "uuid"}))
    assert len(made.example) == 36
    assert not made.is_given


def test_a_made_path_parameter_can_stand_in_a_path() -> None:
    found = only_parameter(parameter("path", "id"), "/accounts/{id}")
    assert found.example.startswith("account-")


def test_the_same_document_gives_the_same_requests() -> None:
    operation = {"parameters": [parameter("query"), parameter("header", "X-Id", {"type": "string", "format": "uuid"})]}
    assert request_of(operation) == request_of(operation)


def test_a_minimal_request_sends_what_is_required_only() -> None:
    found = request_of({"parameters": [parameter("query", "needed", required=True), parameter("query", "more")]})
    assert list(found.values) == [("query", "needed")]


@pytest.mark.parametrize("name", ["Accept", "Content-Type", "Authorization", "Host", "Content-Length", "Cookie"])
def test_header_parameters_of_the_transport_are_ignored(name: str) -> None:
    """OpenAPI 3.0.3, "Parameter Object"."""
    assert request_of({"parameters": [parameter("header", name)]}).parameters == ()


def test_a_body_leaves_out_what_is_read_only() -> None:
    """OpenAPI 3.0.3, "Schema Object": readOnly properties must not be sent, not even if they are required."""
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "name": {"type": "string", "example": "Ada"},
            "secret": {"type": "string", "example": "s", "writeOnly": True},
        },
    }
    body = request_of({"requestBody": {"content": {"application/json": {"schema": schema}}}}, method="post").body
    assert body is not None
    assert body.text == '{\n  "name": "Ada",\n  "secret": "s"\n}'


def test_a_form_body_is_a_form() -> None:
    schema = {"type": "object", "properties": {"a b": {"type": "string", "example": "ö&"}}}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    body = request_of({"requestBody": {"content": content}}, method="post").body
    assert body is not None
    assert (body.text, body.media_type) == ("a+b=%C3%B6%26", "application/x-www-form-urlencoded")


def test_lists_and_objects_go_into_the_query_by_their_style() -> None:
    """OpenAPI 3.0.3, "Style Values"."""
    strings = {"type": "array", "items": {"type": "string"}}
    found = request_of(
        {
            "parameters": [
                parameter("query", "many", strings, example=["a", "b"]),
                parameter("query", "one", strings, example=["a", "b"], explode=False),
                parameter("query", "deep", {"type": "object"}, example={"x": 1, "y": "z"}, style="deepObject"),
            ]
        }
    )
    values = {each.key: each.example for each in found.parameters}
    assert query_pairs(found, values) == [
        ("many", "a"),
        ("many", "b"),
        ("one", "a,b"),
        ("deep[x]", "1"),
        ("deep[y]", "z"),
    ]


@pytest.mark.parametrize("text", [".", "..", "a/b", "a\\b", "../../marks", "/", "a\0", ""])
def test_a_path_parameter_never_leads_out_of_its_operation(text: str) -> None:
    assert value_problem(only_parameter(parameter("path", "id"), "/accounts/{id}"), text)


@pytest.mark.parametrize(
    ("text", "path"),
    [("a b", "a%20b"), ("?x=1#y", "%3Fx%3D1%23y"), ("%2e%2e", "%252e%252e"), ("{id}", "%7Bid%7D"), ("å", "%C3%A5")],
)
def test_a_path_parameter_is_percent_encoded(text: str, path: str) -> None:
    found = request_of({"parameters": [parameter("path", "id")]}, "/accounts/{id}/x")
    assert address_of(found, {("path", "id"): text}) == f"/accounts/{path}/x"


@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", "a\nb", "a\rb", " a", "a ", "a\0b", "\N{SNOWMAN}"])
def test_a_header_is_one_line(text: str) -> None:
    """RFC 9110 section 5.5."""
    assert value_problem(only_parameter(parameter("header", "X-Id")), text)


def test_a_header_whose_name_is_no_token_is_refused() -> None:
    assert value_problem(only_parameter(parameter("header", "X Id:")), "a")
    assert headers_of(request_of({"parameters": [parameter("header", "X-Id")]}), {("header", "X-Id"): "a"}) == {
        "X-Id": "a"
    }
