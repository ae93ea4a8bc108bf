"""Two versions of a document: what changed, what it reaches, what breaks; each break by its own rule."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.catalog.change_words import WHAT
from propylon.openapi.change import BREAKS
from propylon.openapi.difference import difference

BEFORE = yaml.safe_load("""
openapi: 3.0.3
info: {title: Things, version: "1"}
security: [{login: [things]}]
paths:
  /things:
    parameters: [{name: X-Tenant, in: header, schema: {type: string}}]
    get:
      operationId: listThings
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}]
      responses:
        "200":
          description: the things
          headers: {X-Total: {schema: {type: integer}}}
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}
        "404": {description: none}
    post:
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}}
          text/csv: {schema: {type: string}}
      responses: {"201": {description: made}}
  /things/{thingId}:
    parameters: [{name: thingId, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: it, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string, maxLength: 20}
        kind: {type: string, enum: [small, large]}
        note: {type: string, nullable: true}
        parent: {$ref: "#/components/schemas/Thing"}
        owner: {oneOf: [{$ref: "#/components/schemas/Person"}, {$ref: "#/components/schemas/Firm"}]}
    Person: {type: object, properties: {name: {type: string}}}
    Firm: {type: object, properties: {number: {type: integer}}}
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://bank.example/token, scopes: {things: See, write: Write}}}
""")
Edit = Callable[[dict[str, Any]], Any]
THING = "#/components/schemas/Thing"


def edited(edit: Edit) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(BEFORE)
    edit(document)
    return document


def at(document: dict[str, Any], *steps: Any) -> Any:
    for step in steps:
        document = document[step]
    return document


def get(document: dict[str, Any]) -> Any:
    return document["paths"]["/things"]["get"]


def post(document: dict[str, Any]) -> Any:
    return document["paths"]["/things"]["post"]


def thing(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Thing"]


def properties(document: dict[str, Any]) -> Any:
    return thing(document)["properties"]


CASES: list[tuple[str, Edit, bool]] = [
    (
        "operation.added",
        lambda d: d["paths"].update({"/more": {"get": {"responses": {"200": {"description": "x"}}}}}),
        False,
    ),
    ("operation.removed", lambda d: d["paths"]["/things"].pop("post"), True),
    ("operation.deprecated", lambda d: get(d).update(deprecated=True), False),
    ("operation.renamed", lambda d: get(d).update(operationId="getThings"), False),
    ("operation.described", lambda d: get(d).update(summary="All"), False),
    ("scope.added", lambda d: get(d).update(security=[{"login": ["things", "write"]}]), True),
    ("scope.removed", lambda d: get(d).update(security=[]), False),
    ("parameter.added", lambda d: get(d)["parameters"].append({"name": "q", "in": "query", "schema": {}}), False),
    (
        "parameter.added_required",
        lambda d: get(d)["parameters"].append({"name": "q", "in": "query", "required": True, "schema": {}}),
        True,
    ),
    ("parameter.removed", lambda d: get(d).pop("parameters"), True),
    ("parameter.required", lambda d: get(d)["parameters"][0].update(required=True), True),
    ("body.required", lambda d: post(d)["requestBody"].update(required=True), True),
    ("body.removed", lambda d: post(d).pop("requestBody"), True),
    ("response.added", lambda d: get(d)["responses"].update({"503": {"description": "later"}}), False),
    ("response.removed", lambda d: get(d)["responses"].pop("404"), True),
    ("content.removed", lambda d: post(d)["requestBody"]["content"].pop("text/csv"), True),
    ("header.removed", lambda d: get(d)["responses"]["200"].pop("headers"), True),
    ("bound.tightened", lambda d: get(d)["parameters"][0]["schema"].update(maximum=50), True),
    ("bound.loosened", lambda d: get(d)["parameters"][0]["schema"].update(maximum=500), False),
    ("bound.loosened", lambda d: properties(d)["id"].update(maxLength=40), True),  # longer than programs expect
    ("type.changed", lambda d: get(d)["parameters"][0].update(schema={"type": "string"}), True),
    ("type.widened", lambda d: get(d)["parameters"][0]["schema"].update(type="number"), False),
    ("property.added", lambda d: properties(d).update(size={"type": "integer"}), False),
    ("property.removed", lambda d: properties(d).pop("note"), True),
    ("property.required", lambda d: thing(d).update(required=["id", "kind"]), True),  # of who posts one
    ("property.optional", lambda d: thing(d).pop("required"), True),  # for who reads one
    ("value.added", lambda d: properties(d)["kind"]["enum"].append("huge"), True),
    ("value.removed", lambda d: properties(d)["kind"]["enum"].remove("large"), True),
    ("null.removed", lambda d: properties(d)["note"].pop("nullable"), True),
    ("null.added", lambda d: properties(d)["kind"].update(nullable=True), True),
    ("alternative.removed", lambda d: properties(d)["owner"]["oneOf"].pop(), True),
    ("extra.refused", lambda d: thing(d).update(additionalProperties=False), True),
]


@pytest.mark.parametrize(("code", "edit", "breaks"), CASES)
def test_one_edit_is_one_kind_of_change(code: str, edit: Edit, breaks: bool) -> None:
    found = difference(BEFORE, edited(edit))
    assert code in {change.code for change in found.changes}
    assert found.is_breaking == breaks
    assert all(change.place.startswith("#/") and change.operations for change in found.changes)


@pytest.mark.parametrize(("code", "edit", "breaks"), CASES)
def test_what_comes_back_is_the_opposite_change(code: str, edit: Edit, breaks: bool) -> None:
    there, back = difference(BEFORE, edited(edit)), difference(edited(edit), BEFORE)
    assert set(there.operations) == set(back.operations)
    assert there.changes
    assert back.changes


def test_a_schema_tells_every_operation_that_it_reaches_once() -> None:
    found = difference(BEFORE, edited(lambda d: properties(d).pop("note")))
    (change,) = found.changes
    assert (change.code, change.place, change.name) == ("property.removed", f"{THING}/properties/note", "note")
    assert change.operations == ("GET /things", "POST /things", "GET /things/{thingId}")


def test_a_change_that_breaks_in_one_direction_is_told_as_breaking() -> None:
    (change,) = difference(BEFORE, edited(lambda d: properties(d)["kind"]["enum"].append("huge"))).changes
    assert (change.direction, change.is_breaking) == ("response", True)


def test_a_version_in_the_path_and_names_of_path_parameters_make_no_difference() -> None:
    def moved(version: str, name: str) -> dict[str, Any]:
        document: dict[str, Any] = copy.deepcopy(BEFORE)
        document["paths"] = {
            f"/{version}{path.replace('thingId', name)}": item for path, item in document["paths"].items()
        }
        document["paths"][f"/{version}/things/{{{name}}}"]["parameters"][0]["name"] = name
        return dict(document)

    assert difference(moved("v1", "thingId"), moved("v2", "id")).changes == ()


def test_the_words_of_3_1_are_those_of_3_0() -> None:
    document = edited(lambda d: properties(d).update(note={"type": ["string", "null"]}))
    assert difference(BEFORE, {**document, "openapi": "3.1.0"}).changes == ()


def _removals() -> list[tuple[Any, ...]]:
    """Paths of what can be taken out, so that the document stays one."""
    return [
        ("paths", "/things", "post"),
        ("paths", "/things/{thingId}"),
        ("paths", "/things", "get", "parameters"),
        ("paths", "/things", "parameters"),
        ("paths", "/things", "get", "responses", "404"),
        ("paths", "/things", "get", "responses", "200", "headers"),
        ("paths", "/things", "post", "requestBody"),
        ("paths", "/things", "post", "requestBody", "content", "text/csv"),
        *[("components", "schemas", "Thing", "properties", name) for name in ("id", "kind", "note", "parent", "owner")],
        ("components", "schemas", "Person", "properties", "name"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(_removals()), min_size=1, max_size=5))
def test_every_removal_breaks_and_every_addition_of_it_does_not_ask_more(removed: set[tuple[Any, ...]]) -> None:
    document = copy.deepcopy(BEFORE)
    for steps in removed:
        place = document
        for step in steps[:-1]:
            place = place.get(step, {})
        place.pop(steps[-1], None)
    found = difference(BEFORE, document)
    assert found.is_breaking
    assert {change.is_breaking for change in found.changes if change.code.endswith(".removed")} == {True}
    back = difference(document, BEFORE)
    assert not [
        change for change in back.changes if change.is_breaking and not change.code.startswith(("type.", "prop"))
    ]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([edit for _, edit, _ in CASES]))
def test_a_document_does_not_differ_from_itself(edit: Edit) -> None:
    assert difference(edited(edit), edited(edit)).changes == ()


def test_the_berlin_groups_document_does_not_differ_from_itself(nextgenpsd2_text: str) -> None:
    document = yaml.load(nextgenpsd2_text, Loader=yaml.CSafeLoader)
    same = json.loads(json.dumps(document, default=str))
    assert difference(same, same).changes == ()


def test_every_change_has_its_words() -> None:
    assert WHAT.keys() == BREAKS.keys()
