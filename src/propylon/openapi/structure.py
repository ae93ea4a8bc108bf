"""What kind of value stands where in a document (OpenAPI 3.0.3 and 3.1 "Schema", Swagger 2.0 "Specification").

One table for each; whatever reads a document afterwards may rely on them. A number where a text belongs is read as a
text, and an empty place (`parameters:` with nothing behind it) as nothing; both are noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from propylon.openapi.api import METHODS
from propylon.openapi.mistakes import Mistake, pointer

_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_WORDS = ("description", "title", "format", "summary")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "multipleOf")
_FLAGS = ("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems")

# Object: field to kind. A kind is an object of this table, one of _CHECKS, or "map X" and "list X".
_SCHEMA: Mapping[str, str] = {
    **dict.fromkeys(("properties", "patternProperties", "$defs"), "map Schema"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "list Schema"),
    **dict.fromkeys(("items", "not"), "Schema"),
    **dict.fromkeys((*_WORDS, "$ref"), "text"),
    **dict.fromkeys(_COUNTS, "count"),
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), "limit"),
    **dict.fromkeys(_FLAGS, "flag"),
    "additionalProperties": "Schema",
    "pattern": "text",
    "type": "type",
    "required": "names",
    "enum": "list any",
}
_VALUE = {"schema": "Schema", "content": "map Media", "examples": "examples", "description": "text", "$ref": "text"}
OPENAPI: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Document": {"paths": "paths", "components": "Components", "servers": "list Server"},
        "Components": {
            "schemas": "map Schema",
            "parameters": "map Parameter",
            "responses": "map Response",
            "requestBodies": "map Body",
            "headers": "map Header",
            "examples": "map Example",
            "securitySchemes": "map Scheme",
        },
        "PathItem": {**dict.fromkeys(METHODS, "Operation"), "parameters": "list Parameter", "servers": "list Server"},
        "Operation": {
            **dict.fromkeys(("summary", "description", "operationId"), "text"),
            "parameters": "list Parameter",
            "requestBody": "Body",
            "responses": "map Response",
            "tags": "list text",
            "deprecated": "flag",
            "callbacks": "map any",
            "servers": "list Server",
        },
        "Parameter": {
            **_VALUE,
            "name": "text",
            "in": "text",
            "required": "flag",
            "deprecated": "flag",
            "style": "text",
        },
        "Header": {**_VALUE, "required": "flag"},
        "Body": {"content": "map Media", "required": "flag", "description": "text", "$ref": "text"},
        "Response": {"description": "text", "headers": "map Header", "content": "map Media", "$ref": "text"},
        "Media": {"schema": "Schema", "examples": "examples"},
        "Example": {"$ref": "text", "summary": "text"},
        "Server": {"url": "text"},
        "Scheme": {"type": "text", "scheme": "text", "flows": "map Flow", "$ref": "text"},
        "Flow": {"scopes": "map text"},
        "Schema": _SCHEMA,
    }
)
_PLAIN = {**_SCHEMA, "name": "text", "in": "text", "required": "any", "collectionFormat": "text", "schema": "Schema"}
SWAGGER: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Document": {
            "paths": "paths",
            "definitions": "map Schema",
            "parameters": "map Parameter",
            "responses": "map Response",
            "securityDefinitions": "map Scheme",
            **dict.fromkeys(("consumes", "produces", "schemes"), "list text"),
        },
        "PathItem": {**dict.fromkeys(METHODS, "Operation"), "parameters": "list Parameter"},
        "Operation": {
            **dict.fromkeys(("summary", "description", "operationId"), "text"),
            **dict.fromkeys(("tags", "consumes", "produces"), "list text"),
            "parameters": "list Parameter",
            "responses": "map Response",
            "deprecated": "flag",
        },
        "Parameter": _PLAIN,
        "Header": _PLAIN,
        "Response": {
            "description": "text",
            "schema": "Schema",
            "headers": "map Header",
            "examples": "map any",
            "$ref": "text",
        },
        "Scheme": {"type": "text", "flow": "text", "scopes": "map text"},
        "Schema": {**_SCHEMA, "discriminator": "any"},
    }
)
_NEEDED = {"Parameter": ("name", "in")}


class Structure:
    """Walks a document once; `mistakes` and `notes` are filled, and the document is mended in place."""

    def __init__(self, table: Mapping[str, Mapping[str, str]]) -> None:
        self._table = table
        self.mistakes: list[Mistake] = []
        self.notes: list[Mistake] = []

    def check(self, document: dict[str, Any]) -> None:
        self._object("Document", document, ())

    def _object(self, name: str, node: dict[str, Any], steps: tuple[object, ...]) -> None:
        for key, kind in self._table[name].items():
            if key not in node:
                continue
            if node[key] is None:
                del node[key]
                self.notes.append(Mistake(pointer(*steps, key), "nothing stands here; read as if it were not there"))
            else:
                node[key] = self._value(kind, node[key], (*steps, key))
        if name in {"Components", "Operation"} and "$ref" in node:
            self._wrong((*steps, "$ref"), "no reference may stand here; put what it names here")
        if "$ref" not in node:
            for key in _NEEDED.get(name, ()):
                if key not in node:
                    self._wrong((*steps, key), "is missing")

    def _value(self, kind: str, value: Any, steps: tuple[object, ...]) -> Any:
        if kind == "paths":
            return self._map("PathItem", value, steps) if isinstance(value, dict) else value  # told by the reader
        form, _, inside = kind.partition(" ")
        if form == "map":
            return self._map(inside, value, steps)
        if form == "list":
            return self._list(inside, value, steps)
        if kind in self._table:
            return self._nested(kind, value, steps)
        return self._plain(kind, value, steps)

    def _nested(self, kind: str, value: Any, steps: tuple[object, ...]) -> Any:
        if isinstance(value, dict):
            self._object(kind, value, steps)
        elif not (kind == "Schema" and isinstance(value, bool)):
            self._wrong(steps, "must be a mapping")
        return value

    def _map(self, kind: str, value: Any, steps: tuple[object, ...]) -> Any:
        if not isinstance(value, dict):
            self._wrong(steps, "must be a mapping")
            return value
        for key, item in value.items():
            if key.startswith("x-") and kind in {"PathItem", "Response", "Scheme", "Flow"}:
                continue
            if kind == "PathItem" and not (key.startswith("/") and isinstance(item, dict)):
                continue  # told by the reader
            if item is None and kind in {"Schema", "Media", "Header"}:
                value[key] = {}
                self.notes.append(Mistake(pointer(*steps, key), "nothing stands here; any value is taken for it"))
            elif item is None and kind == "Response":
                value[key] = {"description": ""}
                self.notes.append(Mistake(pointer(*steps, key), "is empty; an answer without a body is assumed"))
            else:
                value[key] = self._value(kind, item, (*steps, key))
        return value

    def _list(self, kind: str, value: Any, steps: tuple[object, ...]) -> Any:
        if not isinstance(value, list):
            self._wrong(steps, "must be a list")
            return value
        return [self._value(kind, item, (*steps, number)) for number, item in enumerate(value)]

    def _plain(self, kind: str, value: Any, steps: tuple[object, ...]) -> Any:
        if kind == "text" and isinstance(value, int | float):
            self.notes.append(Mistake(pointer(*steps), "is no text, and read as one. Put it in quotes"))
            return str(value).lower() if isinstance(value, bool) else str(value)
        if kind == "names" and isinstance(value, bool):
            return self._misplaced_required(value, steps)
        reason = next((reason for reason in _problems(kind, value)), "")
        if reason:
            self._wrong(steps, reason)
        return value

    def _misplaced_required(self, value: bool, steps: tuple[object, ...]) -> list[str]:
        """`required: true` at a property is of older JSON Schema, and says nothing since."""
        self.notes.append(
            Mistake(pointer(*steps), f"'{str(value).lower()}' says nothing here: it takes a list of names")
        )
        return []

    def _wrong(self, steps: tuple[object, ...], reason: str) -> None:
        self.mistakes.append(Mistake(pointer(*steps), reason))


def _problems(kind: str, value: Any) -> Iterator[str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "text" and not isinstance(value, str):
        yield "must be a text"
    elif kind == "flag" and not isinstance(value, bool):
        yield "must be true or false"
    elif kind == "count" and not (isinstance(value, int) and is_number and value >= 0):
        yield "must be a whole number from 0 on"
    elif kind == "number" and not is_number:
        yield "must be a number"
    elif kind == "limit" and not (is_number or isinstance(value, bool)):
        yield "must be a number, or in OpenAPI 3.0 true or false"
    elif kind == "names" and not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
        yield "must be a list of names"
    elif kind == "type":
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(each, str) and each in _TYPES | {"file"} for each in found):
            yield f"must be one of {', '.join(sorted(_TYPES))}, or in OpenAPI 3.1 a list of them"
    elif kind == "examples" and not isinstance(value, dict | list):
        yield "must be a mapping"
