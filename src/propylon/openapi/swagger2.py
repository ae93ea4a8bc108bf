"""Swagger 2.0 (OpenAPI Specification 2.0) said in the words of OpenAPI 3.0.3. Nothing of it is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from propylon.openapi.references import DATA_KEYWORDS
from propylon.openapi.swagger2_operations import converted_item, converted_parameter, converted_response, is_body

# Where things stand in 2.0, and where in 3.0.
MOVED = (
    ("#/definitions/", "#/components/schemas/"),
    ("#/parameters/", "#/components/parameters/"),
    ("#/responses/", "#/components/responses/"),
    ("#/securityDefinitions/", "#/components/securitySchemes/"),
)
_FLOWS = {"implicit": "implicit", "password": "password", "application": "clientCredentials"}
_KEPT = ("info", "tags", "externalDocs", "security")
_JSON = ["application/json"]


def is_swagger(document: dict[str, Any]) -> bool:
    """`swagger: "2.0"`, also where YAML has made a number of it."""
    return str(document.get("swagger")) == "2.0"


def from_swagger(document: dict[str, Any]) -> dict[str, Any]:
    """The same API as an OpenAPI 3.0.3 document."""
    named = _mapping(document, "parameters")
    consumes, produces = document.get("consumes") or _JSON, document.get("produces") or _JSON
    result: dict[str, Any] = {"openapi": "3.0.3"}
    result |= {key: document[key] for key in _KEPT if key in document}
    result |= {key: item for key, item in document.items() if key.startswith("x-")}
    servers = [{"url": url} for url in _addresses(document)]
    if servers:
        result["servers"] = servers
    paths = document.get("paths")
    if isinstance(paths, dict):
        result["paths"] = {
            path: converted_item(item, named, consumes, produces) if path.startswith("/") else item
            for path, item in paths.items()
        }
    components = {
        "schemas": _mapping(document, "definitions"),
        "parameters": {name: converted_parameter(item) for name, item in named.items() if not is_body(item)},
        "responses": {
            name: converted_response(item, produces) for name, item in _mapping(document, "responses").items()
        },
        "securitySchemes": {name: _scheme(item) for name, item in _mapping(document, "securityDefinitions").items()},
    }
    result["components"] = {name: item for name, item in components.items() if item}
    converted = _schema_words(result)
    assert isinstance(converted, dict)  # noqa: S101  (a mapping stays one)
    return converted


def place_in_swagger(place: str) -> str:
    """Where it stands in the Swagger document, as far as it stands at one place there."""
    for old, new in MOVED:
        if place.startswith(new):
            return old + place[len(new) :]
    return place


def _mapping(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _addresses(document: dict[str, Any]) -> Iterator[str]:
    base = str(document.get("basePath") or "").rstrip("/")
    host = document.get("host")
    if not isinstance(host, str) or not host:
        if base:
            yield base
        return
    schemes = document.get("schemes")
    for scheme in schemes if isinstance(schemes, list) and schemes else ["https"]:
        yield f"{scheme}://{host}{base}"


def _scheme(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node.get("type") == "basic":
        return {**node, "type": "http", "scheme": "basic"}
    if node.get("type") != "oauth2":
        return node
    inside = ("flow", "authorizationUrl", "tokenUrl", "scopes")
    flow = {key: node[key] for key in inside[1:] if key in node}
    name = _FLOWS.get(str(node.get("flow")), "authorizationCode")
    return {**{key: item for key, item in node.items() if key not in inside}, "flows": {name: {"scopes": {}, **flow}}}


def _schema_words(node: Any, *, named: bool = False) -> Any:
    """References to where things stand now; `discriminator`, `type: file` and `x-nullable` in 3.0's words."""
    if isinstance(node, list):
        return [_schema_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    names = {"properties", "patternProperties"}
    result = {
        key: item
        if not named and (key in DATA_KEYWORDS or key == "examples")
        else _schema_words(item, named=not named and key in names)
        for key, item in node.items()
    }
    if named:
        return result
    reference = result.get("$ref")
    if isinstance(reference, str):
        result["$ref"] = next(
            (new + reference[len(old) :] for old, new in MOVED if reference.startswith(old)), reference
        )
    if isinstance(result.get("discriminator"), str):
        result["discriminator"] = {"propertyName": result["discriminator"]}
    if result.get("type") == "file":
        result |= {"type": "string", "format": "binary"}
    if result.get("x-nullable") is True:
        result["nullable"] = True
    return result
