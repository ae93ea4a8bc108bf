"""Small documents with one operation, and the example request that is made of it."""

from __future__ import annotations

from typing import Any

from propylon.openapi.examples import ExampleRequest, Examples


def document(operation: dict[str, Any], path: str = "/things", method: str = "get", **more: Any) -> dict[str, Any]:
    described = {"responses": {"200": {"description": "Done."}}, **operation}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {path: {method: described}},
        **more,
    }


def request_of(operation: dict[str, Any], path: str = "/things", method: str = "get", **more: Any) -> ExampleRequest:
    found = Examples(document(operation, path, method, **more)).request(method.upper(), path)
    assert found is not None
    return found


def parameter(location: str, name: str = "p", schema: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    required = {"required": True} if location == "path" else {}
    return {"name": name, "in": location, "schema": schema or {"type": "string"}, **required, **more}
