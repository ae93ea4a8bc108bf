"""Schemas of a document as JSON Schema 2020-12: references and `allOf` folded in, values checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing.exceptions import Unresolvable

from propylon.openapi.patterns import in_python
from propylon.openapi.references import DATA_KEYWORDS, UnknownReferenceError, look_up

Schema = Mapping[str, Any]
_FORMATS = FormatChecker()


def json_schema_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with OpenAPI 3.0's own schema keywords said in JSON Schema's words; 3.1 needs no change."""
    is_old = str(document.get("openapi", "")).startswith("3.0")
    converted = _converted(dict(document), is_old=is_old)
    assert isinstance(converted, dict)  # noqa: S101  (a mapping stays one)
    return converted


def _converted(node: Any, *, is_old: bool, named: bool = False) -> Any:
    if isinstance(node, list):
        return [_converted(item, is_old=is_old) for item in node]
    if not isinstance(node, dict):
        return node
    if is_old and not named and isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}  # 3.0: whatever stands beside a reference is ignored
    result = {
        key: item
        if not named and key in DATA_KEYWORDS
        else _converted(item, is_old=is_old, named=not named and key in {"properties", "patternProperties"})
        for key, item in node.items()
    }
    if not named:
        _say_bounds(result)
        _say_null(result)
        pattern = result.get("pattern")
        if isinstance(pattern, str):
            spelled = in_python(pattern)
            result["pattern"] = spelled if spelled is not None else ".*"  # what nobody can read is not judged
    return result


def _say_bounds(schema: dict[str, Any]) -> None:
    for bound in ("Minimum", "Maximum"):
        exclusive, plain = "exclusive" + bound, bound.lower()
        if schema.get(exclusive) is True and plain in schema:
            schema[exclusive] = schema.pop(plain)
        elif isinstance(schema.get(exclusive), bool):
            del schema[exclusive]


def _say_null(schema: dict[str, Any]) -> None:
    if schema.pop("nullable", None) is not True:
        return
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema without `$ref` and `allOf` at its top; `references` are those that were folded into it."""

    schema: Schema
    references: frozenset[str]


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = json_schema_document(document)
        self._validator = Draft202012Validator(self.document, format_checker=_FORMATS)
        self._flat_references: dict[str, Flat] = {}

    def resolve(self, node: Any) -> Any:
        """What stands behind a reference to a response, header, parameter or schema."""
        for _ in range(64):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            node = look_up(self.document, node["$ref"])
        raise UnknownReferenceError("a chain of references has no end")

    def accepts(self, schema: Any, value: Any) -> bool:
        """Does the value satisfy the schema, formats included?"""
        try:
            return bool(self._validator.evolve(schema=schema).is_valid(value))
        except (Unresolvable, RecursionError, TypeError, ValueError):
            return False

    def flat(self, schema: Any) -> Flat:
        return self._flat(schema, ())

    def _flat(self, schema: Any, seen: tuple[str, ...]) -> Flat:
        if not isinstance(schema, dict):
            return Flat({}, frozenset())
        reference = schema.get("$ref")
        if isinstance(reference, str) and len(schema) == 1:
            if reference not in self._flat_references:
                self._flat_references[reference] = self._folded(schema, seen)
            return self._flat_references[reference]
        return self._folded(schema, seen)

    def _folded(self, schema: Mapping[str, Any], seen: tuple[str, ...]) -> Flat:
        merged: dict[str, Any] = {}
        found: set[str] = set()
        reference = schema.get("$ref")
        members: list[Any] = list(schema.get("allOf") or ())
        if isinstance(reference, str) and reference not in seen:
            found.add(reference)
            seen = (*seen, reference)
            members.insert(0, look_up(self.document, reference))
        for member in members:
            part = self._flat(member, seen)
            found |= part.references
            merge(merged, part.schema)
        merge(merged, {key: item for key, item in schema.items() if key not in {"$ref", "allOf"}})
        return Flat(merged, frozenset(found))


def merge(into: dict[str, Any], other: Schema) -> None:
    """Adds the demands of `other`. Two `oneOf` (or `anyOf`) are both kept: the second as a member of `allOf`."""
    closed = [set(part.get("properties", {})) for part in (into, other) if part.get("additionalProperties") is False]
    for key, value in other.items():
        if key not in into:
            into[key] = value
        elif key in _MERGES:
            into[key] = _MERGES[key](into[key], value)
        elif key in {"oneOf", "anyOf"}:
            into["allOf"] = [*into.get("allOf", ()), {key: value}]
        else:
            into[key] = value
    for allowed in closed:
        into["properties"] = {name: item for name, item in into.get("properties", {}).items() if name in allowed}


def _merge_properties(one: Schema, two: Schema) -> dict[str, Any]:
    merged = dict(one)
    for name, schema in two.items():
        same = name not in merged or merged[name] == schema
        merged[name] = schema if same else {"allOf": [merged[name], schema]}
    return merged


def _merge_types(one: Any, two: Any) -> list[str]:
    second = _listed(two)
    kept = [kind for kind in _listed(one) if kind in second or (kind == "integer" and "number" in second)]
    return kept + [kind for kind in second if kind == "integer" and "number" in _listed(one) and kind not in kept]


def _merge_additional(one: Any, two: Any) -> Any:
    if one is False or two is False:
        return False
    return two if one is True else one if two is True else {"allOf": [one, two]}


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _union(one: Iterable[str], two: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*one, *two]))


_MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _merge_properties,
    "required": _union,
    "type": _merge_types,
    "allOf": lambda one, two: [*one, *two],
    "enum": lambda one, two: [value for value in one if value in two],
    "additionalProperties": _merge_additional,
    "items": lambda one, two: one if one == two else {"allOf": [one, two]},
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
