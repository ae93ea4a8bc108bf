"""What documents in the wild get wrong, where it has one meaning only: mended, and said. All else stays a mistake.

Every repair asks callers for no less than the document does: a scope that no flow declares is still asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from propylon.openapi.api import METHODS, generated_operation_id
from propylon.openapi.mistakes import Mistake, pointer
from propylon.openapi.references import UnknownReferenceError, references, resolve
from propylon.openapi.repair_paths import mend_paths
from propylon.openapi.repair_security import mend_security

_SCHEMA = re.compile(r"^#/components/schemas/([^/]+)$")


def repaired(document: dict[str, Any]) -> list[Mistake]:
    """Mends the document in place; what was done, with its place. A document without such mistakes stays as it is."""
    notes = [*_mend_texts(document), *_mend_schemas(document)]
    try:
        notes += mend_paths(document)
        notes += mend_security(document)
        for path, item in _items(document):
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    notes += _mend_operation(document, item[method], pointer("paths", path, method))
        notes += _mend_identifiers(document)
    except UnknownReferenceError:
        pass  # told by the reader
    return notes


def _mend_texts(document: dict[str, Any]) -> Iterator[Mistake]:
    """YAML makes numbers of versions that stand without quotes."""
    version = document.get("openapi")
    if isinstance(version, int | float):
        document["openapi"] = f"{version:.1f}.0" if isinstance(version, float) else f"{version}.0.0"
        yield Mistake("#/openapi", "is a number; read as a text. Put it in quotes")
    info = document.get("info")
    for key in ("title", "version"):
        value = info.get(key) if isinstance(info, dict) else None
        if isinstance(info, dict) and isinstance(value, int | float) and not isinstance(value, bool):
            info[key] = str(value)
            yield Mistake(f"#/info/{key}", "is a number; read as a text. Put it in quotes")


def _mend_schemas(document: dict[str, Any]) -> Iterator[Mistake]:
    """A schema that is named and nowhere described says nothing about its values."""
    components = document.get("components")
    components = components if isinstance(components, dict) else {}
    schemas = components.get("schemas")
    known = schemas if isinstance(schemas, dict) else {}
    missing: list[tuple[str, str]] = []
    for place, reference in references(document):
        match = _SCHEMA.match(reference)
        name = match[1].replace("~1", "/").replace("~0", "~") if match else ""
        if match and name not in known:
            missing.append((name, place))
    for name, place in missing:
        described = document.setdefault("components", components).setdefault("schemas", known)
        described[name] = {"description": "Not described by the document."}
        yield Mistake(place, f"the schema {name!r} is not described by the document; any value is taken for it")


def _mend_operation(document: dict[str, Any], operation: dict[str, Any], place: str) -> Iterator[Mistake]:
    responses = operation.setdefault("responses", {})
    if isinstance(responses, dict) and not any(not status.startswith("x-") for status in responses):
        responses["default"] = {"description": ""}
        yield Mistake(place, "describes no response; one without a body is assumed")
    for number, listed in enumerate(operation.get("parameters") or ()):
        parameter = resolve(document, listed)
        is_path = isinstance(parameter, dict) and parameter.get("in") == "path"
        if is_path and parameter.get("required") is not True:
            parameter["required"] = True
            where = f"{place}/parameters/{number}"
            yield Mistake(where, "a path parameter is always required; read as if it said 'required: true'")


def _mend_identifiers(document: dict[str, Any]) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    taken = {
        str(item[method].get("operationId"))
        for _path, item in _items(document)
        for method in METHODS
        if isinstance(item.get(method), dict)
    }
    for path, item in _items(document):
        for method in METHODS:
            operation = item.get(method)
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if not isinstance(operation, dict) or not isinstance(name, str) or not name.strip():
                continue
            place = pointer("paths", path, method)
            if name in seen:
                operation["operationId"] = _free(generated_operation_id(method, path), taken)
                taken.add(operation["operationId"])
                yield Mistake(f"{place}/operationId", "is another operation's id too; one is made from method and path")
            seen.setdefault(name, place)


def _free(name: str, taken: set[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def _items(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = document.get("paths")
    for path, listed in paths.items() if isinstance(paths, dict) else ():
        item = resolve(document, listed)
        if path.startswith("/") and isinstance(item, dict):
            yield path, item
