"""Operations, parameters, bodies and responses of Swagger 2.0 in the words of OpenAPI 3.0.3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from propylon.openapi.api import METHODS

_BODIES = frozenset({"body", "formData"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# What a parameter says of its value itself in 2.0, and in its schema in 3.0.
_OF_VALUE = (
    "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf",
)  # fmt: skip
_STYLES: dict[str, dict[str, Any]] = {
    "csv": {"explode": False},
    "multi": {"explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "tsv": {"x-collectionFormat": "tsv"},  # 3.0 has no word for it
}
Named = dict[str, Any]


def is_body(node: Any) -> bool:
    return isinstance(node, dict) and node.get("in") in _BODIES


def converted_item(item: Any, named: Named, consumes: list[str], produces: list[str]) -> Any:
    """A path item; `named` are the document's own parameters."""
    if not isinstance(item, dict):
        return item
    shared = [_looked_up(each, named) for each in _listed(item.get("parameters"))]
    bodies = [each for each in shared if is_body(each)]
    result: dict[str, Any] = {}
    for key, node in item.items():
        if key == "parameters":
            result[key] = [converted_parameter(each) for each in _listed(node) if not is_body(_looked_up(each, named))]
        elif key in METHODS and isinstance(node, dict):
            result[key] = _operation(node, bodies, named, consumes, produces)
        else:
            result[key] = node
    return result


def _operation(
    node: dict[str, Any], bodies: list[Any], named: Named, consumes: list[str], produces: list[str]
) -> dict[str, Any]:
    moved = {"consumes", "produces", "parameters", "schemes"}
    result = {key: item for key, item in node.items() if key not in moved}
    own = [_looked_up(each, named) for each in _listed(node.get("parameters"))]
    plain = [
        converted_parameter(given)
        for given, found in zip(_listed(node.get("parameters")), own, strict=True)
        if not is_body(found)
    ]
    if plain:
        result["parameters"] = plain
    body = [each for each in own if is_body(each)] or bodies
    if body:
        result["requestBody"] = _body(body, node.get("consumes") or consumes)
    answers = node.get("responses")
    if isinstance(answers, dict):
        types = node.get("produces") or produces
        result["responses"] = {
            status: answer if str(status).startswith("x-") else converted_response(answer, types)
            for status, answer in answers.items()
        }
    return result


def _looked_up(node: Any, named: Named) -> Any:
    """The document's own parameter behind a reference; anything else as it is."""
    reference = node.get("$ref") if isinstance(node, dict) else None
    prefix = "#/parameters/"
    return (
        named.get(reference[len(prefix) :], node)
        if isinstance(reference, str) and reference.startswith(prefix)
        else node
    )


def converted_parameter(node: Any) -> Any:
    """Of path, query or header; a reference stays one."""
    if not isinstance(node, dict) or "$ref" in node:
        return node
    result = {key: item for key, item in node.items() if key not in {*_OF_VALUE, "collectionFormat"}}
    result["schema"] = _value(node)
    if node.get("type") == "array" and node.get("in") in {"query", "path", "header"}:
        result |= _STYLES.get(str(node.get("collectionFormat", "csv")), {})
    return result


def _value(node: dict[str, Any]) -> dict[str, Any]:
    return {key: node[key] for key in _OF_VALUE if key in node}


def _body(parameters: list[dict[str, Any]], consumes: list[str]) -> dict[str, Any]:
    whole = next((each for each in parameters if each.get("in") == "body"), None)
    if whole is not None:
        result: dict[str, Any] = {"content": {name: {"schema": whole.get("schema", {})} for name in consumes}}
        kept = {key: item for key, item in whole.items() if key not in {"in", "schema", "required", "name"}}
        return {**result, **kept, **({"required": True} if whole.get("required") is True else {})}
    fields = {str(each.get("name")): {**_value(each), **_words(each)} for each in parameters}
    required = [str(each.get("name")) for each in parameters if each.get("required") is True]
    schema = {"type": "object", "properties": fields, **({"required": required} if required else {})}
    has_file = any(each.get("type") == "file" for each in parameters)
    forms = [name for name in consumes if name in _FORMS] or [_FORMS[1] if has_file else _FORMS[0]]
    return {"content": {name: {"schema": schema} for name in forms}, **({"required": True} if required else {})}


def _words(node: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in node.items() if key == "description" or key.startswith("x-")}


def converted_response(node: Any, produces: Iterable[str]) -> Any:
    """`examples` are by media type in 2.0."""
    if not isinstance(node, dict) or "$ref" in node:
        return node
    result = {key: item for key, item in node.items() if key not in {"schema", "examples", "headers"}}
    given = node.get("examples")
    examples: dict[str, Any] = given if isinstance(given, dict) else {}
    types = list(dict.fromkeys([*produces, *examples])) if "schema" in node else list(examples)
    content = {name: {"schema": node["schema"]} if "schema" in node else {} for name in types}
    for name, example in examples.items():
        content[name]["example"] = example
    if content:
        result["content"] = content
    headers = node.get("headers")
    if isinstance(headers, dict):
        result["headers"] = {name: converted_parameter(header) for name, header in headers.items()}
    return result


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
