"""Paths that cannot be told from one another, and their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from propylon.openapi.api import METHODS
from propylon.openapi.mistakes import Mistake, pointer
from propylon.openapi.paths import names_of, shape, template_mistakes
from propylon.openapi.references import resolve


def mend_paths(document: dict[str, Any]) -> Iterator[Mistake]:
    """In place; raises UnknownReferenceError."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return
    yield from _left_out(paths)
    yield from _merged(document, paths)
    for path, listed in paths.items():
        item = resolve(document, listed)
        if path.startswith("/") and isinstance(item, dict) and not template_mistakes(path):
            yield from _parameters(document, path, item)


def _left_out(paths: dict[str, Any]) -> Iterator[Mistake]:
    for path, item in paths.items():
        if isinstance(item, dict) and "trace" in item:
            del item["trace"]
            yield Mistake(pointer("paths", path, "trace"), "TRACE is not carried by the gateway; it is left out")


def _merged(document: dict[str, Any], paths: dict[str, Any]) -> Iterator[Mistake]:
    """`/a/{id}` and `/a/{name}` are one path: what the second adds is told under the first one's name."""
    first: dict[str, str] = {}
    for path in [path for path in paths if path.startswith("/") and not template_mistakes(path)]:
        known = first.setdefault(shape(path), path)
        one, other = resolve(document, paths[known]), resolve(document, paths[path])
        if known == path or not isinstance(one, dict) or not isinstance(other, dict):
            continue
        del paths[path]
        for method in METHODS:
            if method not in other:
                continue
            place = pointer("paths", path, method)
            if method in one:
                yield Mistake(place, f"cannot be told from the same method of {known}, which answers instead")
            else:
                one[method] = _under(
                    document, other, other[method], dict(zip(names_of(path), names_of(known), strict=True))
                )
                yield Mistake(place, f"cannot be told from {known} but by its method; it is listed there")


def _under(document: dict[str, Any], item: dict[str, Any], operation: Any, names: dict[str, str]) -> Any:
    """The operation with its path's parameters, by their new names."""
    if not isinstance(operation, dict):
        return operation
    listed = [*(operation.get("parameters") or ()), *(item.get("parameters") or ())]
    parameters = []
    for each in listed:
        node = resolve(document, each)
        is_path = isinstance(node, dict) and node.get("in") == "path"
        parameters.append({**node, "name": names.get(str(node.get("name")), node.get("name"))} if is_path else each)
    return {**operation, "parameters": parameters}


def _parameters(document: dict[str, Any], path: str, item: dict[str, Any]) -> Iterator[Mistake]:
    names = names_of(path)
    yield from _kept(document, item, names, pointer("paths", path))
    shared = _declared(document, item)
    for method in METHODS:
        operation = item.get(method)
        if not isinstance(operation, dict):
            continue
        place = pointer("paths", path, method)
        yield from _kept(document, operation, names, place)
        declared = shared | _declared(document, operation)
        for name in names:
            if name not in declared:
                schema = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                operation["parameters"] = [*(operation.get("parameters") or ()), schema]
                yield Mistake(place, "a parameter of its path is not declared; any text is taken for it")
    for each in item.get("parameters") or ():
        node = resolve(document, each)
        if isinstance(node, dict) and node.get("in") == "path":
            node["required"] = True


def _kept(document: dict[str, Any], owner: dict[str, Any], names: list[str], place: str) -> Iterator[Mistake]:
    """Without path parameters that the path does not hold: nobody can send them."""
    listed = owner.get("parameters")
    if not isinstance(listed, list):
        return
    kept = []
    for number, each in enumerate(listed):
        node = resolve(document, each)
        if isinstance(node, dict) and node.get("in") == "path" and str(node.get("name")) not in names:
            yield Mistake(f"{place}/parameters/{number}", "a path parameter that the path does not hold is left out")
        else:
            kept.append(each)
    if len(kept) < len(listed):
        owner["parameters"] = kept


def _declared(document: dict[str, Any], owner: dict[str, Any]) -> set[str]:
    nodes = [resolve(document, each) for each in owner.get("parameters") or ()]
    return {str(node.get("name")) for node in nodes if isinstance(node, dict) and node.get("in") == "path"}
