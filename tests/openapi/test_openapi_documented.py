"""One operation as people read it: an excerpt of the document, schemas as trees, examples."""

from __future__ import annotations

from typing import Any

import pytest

from propylon.openapi.documented import DocumentedOperation, documented_operation
from propylon.openapi.excerpt import excerpt
from propylon.openapi.schema_tree import MOST_NODES, SchemaNode, SchemaTrees

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Trees", "version": "1"},
    "paths": {
        "/trees/{id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "post": {
                "operationId": "plant",
                "summary": "Plant",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}},
                "responses": {
                    "201": {
                        "description": "Planted",
                        "headers": {"Location": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}},
                    },
                    "default": {"$ref": "#/components/responses/Wrong"},
                },
            },
        },
        "/elsewhere": {"get": {"responses": {"200": {"$ref": "#/components/responses/Unneeded"}}}},
    },
    "components": {
        "parameters": {
            "id": {"name": "id", "in": "path", "required": True, "example": "t1", "schema": {"type": "string"}}
        },
        "responses": {
            "Wrong": {
                "description": "Wrong",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}},
            },
            "Unneeded": {"description": "x"},
        },
        "schemas": {
            "Fault": {"type": "object", "properties": {"code": {"type": "string"}}},
            "Named": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "Tree": {
                "allOf": [
                    {"$ref": "#/components/schemas/Named"},
                    {
                        "type": "object",
                        "properties": {
                            "height": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                            "kind": {"type": "string", "enum": ["oak", "ash"], "nullable": True},
                            "branches": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                            "owner": {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Named"},
                                    {"type": "string", "maxLength": 3},
                                ]
                            },
                        },
                    },
                ]
            },
        },
    },
}


@pytest.fixture
def plant() -> DocumentedOperation:
    found = documented_operation(DOCUMENT, "POST", "/trees/{id}")
    assert found is not None
    return found


def child(node: SchemaNode, name: str) -> SchemaNode:
    return next(each for each in node.children if each.name == name)


def body(operation: DocumentedOperation) -> SchemaNode:
    assert operation.body is not None
    schema = operation.body.contents[0].schema
    assert schema is not None
    return schema


def test_an_excerpt_holds_what_the_operation_needs_and_nothing_else() -> None:
    small = excerpt(DOCUMENT, "POST", "/trees/{id}")
    assert small is not None
    assert set(small["paths"]) == {"/trees/{id}"}
    assert set(small["components"]["schemas"]) == {"Fault", "Named", "Tree"}
    assert set(small["components"]["responses"]) == {"Wrong"}, "the response named default counts, too"
    assert excerpt(DOCUMENT, "GET", "/trees/{id}") is None


def test_an_excerpt_changes_nothing_in_the_document() -> None:
    before = repr(DOCUMENT)
    excerpt(DOCUMENT, "POST", "/trees/{id}")
    documented_operation(DOCUMENT, "POST", "/trees/{id}")
    assert repr(DOCUMENT) == before


def test_all_of_is_one_list_of_properties(plant: DocumentedOperation) -> None:
    tree = body(plant)
    assert [each.name for each in tree.children] == ["name", "height", "kind", "branches", "owner"]
    assert child(tree, "name").is_required
    assert not child(tree, "height").is_required


def test_bounds_choices_and_null_are_told(plant: DocumentedOperation) -> None:
    tree = body(plant)
    assert child(tree, "height").constraints == (("above", "0"),)
    assert child(tree, "kind").choices == ("oak", "ash")
    assert child(tree, "kind").is_nullable


def test_a_schema_that_holds_itself_is_cut_with_its_name(plant: DocumentedOperation) -> None:
    branches = child(body(plant), "branches")
    assert branches.shown_kind == "array of Tree"
    assert branches.children[0].cut == "Tree"
    assert not branches.children[0].children


def test_alternatives_are_named(plant: DocumentedOperation) -> None:
    owner = child(body(plant), "owner")
    assert owner.kind == "one_of"
    assert [each.name for each in owner.alternatives] == ["Named", "2"]


def test_answers_have_an_example_of_the_success_and_their_headers(plant: DocumentedOperation) -> None:
    success, wrong = plant.responses
    assert success.is_success
    assert [each.name for each in success.headers] == ["Location"]
    assert '"name"' in success.contents[0].examples[0].text
    assert not success.contents[0].examples[0].is_given
    assert wrong.status == "default"
    assert wrong.is_small


def test_a_path_parameter_has_its_example(plant: DocumentedOperation) -> None:
    assert [(each.location, each.schema.name, each.example) for each in plant.parameters] == [("path", "id", "t1")]


def test_a_tree_is_bounded_whatever_the_document_holds() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"$ref": "#/components/schemas/S"} for n in range(40)}}
    document = {"components": {"schemas": {"S": {"type": "object", "properties": {"x": wide}}, "W": wide}}}
    assert SchemaTrees(document).tree({"$ref": "#/components/schemas/W"}).size <= 3 * MOST_NODES
