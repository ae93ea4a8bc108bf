"""Security requirements that name what is not declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from propylon.openapi.api import METHODS
from propylon.openapi.mistakes import Mistake, pointer
from propylon.openapi.references import resolve
from propylon.openapi.security import is_scope


def mend_security(document: dict[str, Any]) -> Iterator[Mistake]:
    """In place; raises UnknownReferenceError."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    known = {name: resolve(document, node) for name, node in (schemes.items() if isinstance(schemes, dict) else ())}
    for owner, place in _owners(document):
        security = owner.get("security")
        for number, requirement in enumerate(security if isinstance(security, list) else ()):
            if isinstance(requirement, dict):
                yield from _requirement(requirement, known, f"{place}/{number}")


def _owners(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    yield document, "#/security"
    paths = document.get("paths")
    for path, listed in paths.items() if isinstance(paths, dict) else ():
        item = resolve(document, listed)
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield item[method], pointer("paths", path, method, "security")


def _requirement(requirement: dict[str, Any], known: dict[str, Any], place: str) -> Iterator[Mistake]:
    for name, scopes in list(requirement.items()):
        scheme = known.get(name)
        if not isinstance(scheme, dict):
            del requirement[name]
            yield Mistake(
                place, f"names the security scheme {name!r}, which is not described; a token is asked for instead"
            )
            continue
        if scopes is None:
            requirement[name] = []
            yield Mistake(place, "names no list of scopes; read as an empty one")
            continue
        if scheme.get("type") == "oauth2" and isinstance(scopes, list):
            yield from _declared(scheme, scopes, place)


def _declared(scheme: dict[str, Any], scopes: list[Any], place: str) -> Iterator[Mistake]:
    flows = scheme.get("flows")
    contents = [flow for flow in (flows.values() if isinstance(flows, dict) else ()) if isinstance(flow, dict)]
    declared = {name for flow in contents for name in (flow.get("scopes") or {})}
    for scope in scopes:
        if isinstance(scope, str) and is_scope(scope) and scope not in declared and contents:
            for flow in contents:
                flow["scopes"] = {**(flow.get("scopes") or {}), scope: scope}
            yield Mistake(place, f"asks for the scope {scope!r}, which no flow declares; it is asked for all the same")
