"""What a document says that the gateway, the portal or the mocks take otherwise than its author may expect, with its
place. Nothing here is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from propylon.openapi.api import METHODS
from propylon.openapi.described import is_json
from propylon.openapi.mistakes import Mistake, pointer
from propylon.openapi.references import resolve

_LONGEST_SUMMARY = 300
# Below these, keys are names that the author chose.
_NAMES = frozenset(
    {"properties", "headers", "scopes", "schemas", "parameters", "responses", "requestBodies", "securitySchemes"}
)


def unusual(document: dict[str, Any]) -> list[Mistake]:
    """Of a document that `api_of` has accepted."""
    notes = [*_servers(document, "#"), *_schemes(document), *_outgoing(document), *_extensions(document)]
    for path, listed in document["paths"].items():
        if not path.startswith("/"):
            continue
        item = resolve(document, listed)
        notes += _servers(item, pointer("paths", path))
        for method in METHODS:
            if method in item:
                notes += _operation(document, item[method], pointer("paths", path, method))
    return notes


def _servers(owner: dict[str, Any], place: str) -> Iterator[Mistake]:
    """The gateway's own addresses take their place; the path is what the upstream wants to see."""
    for number, server in enumerate(owner.get("servers") or ()):
        url = str(server.get("url") or "") if isinstance(server, dict) else ""
        where = f"{place}/servers/{number}"
        if "{" in url:
            yield Mistake(where, "an address with variables is not followed: choose the upstream when you publish")
            continue
        path = _path_of(url)
        if path:
            yield Mistake(
                where, f"calls go to the upstream that you choose; give {path} as the path there if it wants it"
            )
        elif place != "#":
            yield Mistake(where, "an address of its own is not followed: all operations have one upstream")


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _schemes(document: dict[str, Any]) -> Iterator[Mistake]:
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    for name, listed in schemes.items() if isinstance(schemes, dict) else ():
        scheme = resolve(document, listed)
        kind = str(scheme.get("type")) if isinstance(scheme, dict) else ""
        if kind in {"oauth2", "openIdConnect"} or (kind == "http" and scheme.get("scheme") == "bearer"):
            continue
        place = pointer("components", "securitySchemes", name)
        yield Mistake(place, f"a scheme of type {kind or 'unknown'} is not asked for: callers send an access token")


def _outgoing(document: dict[str, Any]) -> Iterator[Mistake]:
    for key in ("webhooks", "x-webhooks"):
        named = document.get(key)
        for name in named if isinstance(named, dict) else ():
            yield Mistake(pointer(key, name), "a webhook is described only: the gateway sends nothing to partners")


def _extensions(document: dict[str, Any]) -> Iterator[Mistake]:
    found = list(_extension_places(document, ()))
    if found:
        reason = f"extensions (x-…) stay in the document and change nothing; there are {len(found)}"
        yield Mistake(pointer(*found[0]), reason)


def _extension_places(node: Any, steps: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    waiting: list[tuple[Any, tuple[object, ...], bool]] = [(node, steps, False)]
    while waiting:
        here, place, named = waiting.pop()
        if isinstance(here, list):
            waiting += [(item, (*place, number), False) for number, item in enumerate(here)]
        elif isinstance(here, dict):
            for key, item in here.items():
                if key.startswith("x-") and not named:
                    yield (*place, key)
                elif key not in {"example", "examples", "default", "enum"} or named:
                    waiting.append((item, (*place, key), key in _NAMES and not named))


def _operation(document: dict[str, Any], operation: dict[str, Any], place: str) -> Iterator[Mistake]:
    if not operation.get("operationId"):
        yield Mistake(place, "names no operationId; one is made from method and path")
    if len(str(operation.get("summary") or "")) > _LONGEST_SUMMARY:
        yield Mistake(f"{place}/summary", f"is longer than {_LONGEST_SUMMARY} characters; lists show its beginning")
    callbacks = operation.get("callbacks")
    for name in callbacks if isinstance(callbacks, dict) else ():
        yield Mistake(f"{place}/callbacks/{name}", "a callback is described only: the upstream sends it by itself")
    yield from _servers(operation, place)
    yield from _security(operation.get("security"), f"{place}/security")
    body = resolve(document, operation.get("requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    if isinstance(content, dict) and content and not any(is_json(name) or "form" in name for name in content):
        yield Mistake(f"{place}/requestBody", "no JSON and no form: samples send the body's example, if there is one")


def _security(security: Any, place: str) -> Iterator[Mistake]:
    if not isinstance(security, list):
        return
    if not security or {} in security:
        yield Mistake(place, "lets anybody call; a token is asked for until an operator opens the operation")
    asked = {
        tuple(sorted(str(scope) for scopes in each.values() for scope in scopes or ())) for each in security if each
    }
    if len(asked - {()}) > 1:
        yield Mistake(place, "alternatives ask for different scopes; those of the first are needed")
