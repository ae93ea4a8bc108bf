"""What differs between two schemas, in a request or in a response. Recursion ends: each pair is compared once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from propylon.openapi.change import Change
from propylon.openapi.references import UnknownReferenceError, look_up

Document = Mapping[str, Any]
_AT_LEAST = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_AT_MOST = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_OTHER = ("pattern", "format", "multipleOf", "uniqueItems", "const")
_ALTERNATIVES = ("oneOf", "anyOf")
_LONGEST = 80  # characters of a value that is told


@dataclass(frozen=True, slots=True)
class Placed:
    """A schema and where it stands, after its references."""

    schema: Any
    place: str


@dataclass
class _Facts:
    """What a schema says with all of its `allOf` members."""

    properties: dict[str, Placed] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    bounds: dict[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    values: list[Any] | None = None
    items: Placed | None = None
    additional: Any = True
    alternatives: dict[str, Placed] = field(default_factory=dict)


class SchemaComparison:
    """Compares schemas of two documents that are in JSON Schema's words (`schemas.json_schema_document`)."""

    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = dict(before), dict(after)
        self._known: dict[tuple[str, str, str], tuple[tuple[Change, ...], tuple[tuple[Placed, Placed], ...]]] = {}
        self._whole: dict[tuple[str, str, str], tuple[Change, ...]] = {}

    def changes(self, before: Placed, after: Placed, direction: str) -> tuple[Change, ...]:
        """All of them, also of the schemas within."""
        old, new = _followed(self._before, before), _followed(self._after, after)
        key = (old.place, new.place, direction)
        if key not in self._whole:
            self._whole[key] = tuple(self._all(old, new, direction))
        return self._whole[key]

    def _all(self, before: Placed, after: Placed, direction: str) -> Iterator[Change]:
        seen: set[tuple[str, str]] = set()
        waiting = [(before, after)]
        while waiting:
            old, new = waiting.pop()
            if (old.place, new.place) in seen:
                continue
            seen.add((old.place, new.place))
            changes, inside = self._pair(old, new, direction)
            yield from changes
            waiting.extend(inside)

    def _pair(
        self, old: Placed, new: Placed, direction: str
    ) -> tuple[tuple[Change, ...], tuple[tuple[Placed, Placed], ...]]:
        key = (old.place, new.place, direction)
        if key not in self._known:
            facts = _gathered(self._before, old), _gathered(self._after, new)
            inside = tuple(
                (_followed(self._before, one), _followed(self._after, other)) for one, other in _within(*facts)
            )
            self._known[key] = tuple(_differences(*facts, new.place, direction)), inside
        return self._known[key]


def _followed(document: dict[str, Any], placed: Placed) -> Placed:
    """At the end of a chain of references; a reference with words beside it stays (OpenAPI 3.1)."""
    for _ in range(64):
        schema = placed.schema
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str) or len(schema) > 1:
            break
        try:
            placed = Placed(look_up(document, schema["$ref"]), schema["$ref"])
        except UnknownReferenceError:
            break
    return placed


def _gathered(document: dict[str, Any], placed: Placed) -> _Facts:
    facts = _Facts()
    _gather(document, placed, facts, set())
    return facts


def _gather(document: dict[str, Any], placed: Placed, facts: _Facts, seen: set[str]) -> None:
    placed = _followed(document, placed)
    schema, place = placed.schema, placed.place
    if not isinstance(schema, dict) or place in seen:
        return
    seen.add(place)
    if isinstance(schema.get("$ref"), str):
        _gather(document, Placed({"$ref": schema["$ref"]}, f"{place}/$ref"), facts, seen)
    for number, member in enumerate(_listed(schema.get("allOf"))):
        _gather(document, Placed(member, f"{place}/allOf/{number}"), facts, seen)
    for name, member in _mapped(schema.get("properties")):
        facts.properties[name] = Placed(member, f"{place}/properties/{_step(name)}")
    facts.required |= {name for name in _listed(schema.get("required")) if isinstance(name, str)}
    facts.bounds |= {name: schema[name] for name in (*_AT_LEAST, *_AT_MOST, *_OTHER) if name in schema}
    kind = schema.get("type")
    facts.types = frozenset([kind] if isinstance(kind, str) else _listed(kind)) or facts.types
    facts.values = schema["enum"] if isinstance(schema.get("enum"), list) else facts.values
    facts.items = Placed(schema["items"], f"{place}/items") if "items" in schema else facts.items
    facts.additional = schema.get("additionalProperties", facts.additional)
    for keyword in _ALTERNATIVES:
        for number, member in enumerate(_listed(schema.get(keyword))):
            inside = Placed(member, f"{place}/{keyword}/{number}")
            facts.alternatives[_name_of(member, number)] = inside


def _name_of(member: Any, number: int) -> str:
    """Alternatives are the same by the name of what they refer to, by title, at last by their position."""
    if isinstance(member, dict):
        named = member.get("$ref") or member.get("title")
        if isinstance(named, str):
            return named.rsplit("/", 1)[-1]
    return f"#{number + 1}"


def _within(old: _Facts, new: _Facts) -> Iterator[tuple[Placed, Placed]]:
    for name, placed in new.properties.items():
        if name in old.properties:
            yield old.properties[name], placed
    if old.items is not None and new.items is not None:
        yield old.items, new.items
    for name, placed in new.alternatives.items():
        if name in old.alternatives:
            yield old.alternatives[name], placed


def _differences(old: _Facts, new: _Facts, place: str, direction: str) -> Iterator[Change]:
    yield from _property_changes(old, new, direction)
    yield from _type_changes(old, new, place, direction)
    yield from _value_changes(old, new, place, direction)
    for name in sorted(old.bounds.keys() | new.bounds.keys()):
        code = _bound_change(name, old.bounds.get(name), new.bounds.get(name))
        if code:
            words = _word(old.bounds.get(name)), _word(new.bounds.get(name))
            yield Change(code, place, name, *words, direction)
    if (old.additional is False) != (new.additional is False):
        yield Change("extra.refused" if new.additional is False else "extra.allowed", place, direction=direction)
    for name, placed in old.alternatives.items():
        if name not in new.alternatives:
            yield Change("alternative.removed", placed.place, name, direction=direction)
    for name, placed in new.alternatives.items():
        if name not in old.alternatives:
            yield Change("alternative.added", placed.place, name, direction=direction)


def _property_changes(old: _Facts, new: _Facts, direction: str) -> Iterator[Change]:
    for name, placed in old.properties.items():
        if name not in new.properties:
            yield Change("property.removed", placed.place, name, direction=direction)
    for name, placed in new.properties.items():
        if name not in old.properties:
            code = "property.added_required" if name in new.required else "property.added"
            yield Change(code, placed.place, name, direction=direction)
        elif (name in old.required) != (name in new.required):
            code = "property.required" if name in new.required else "property.optional"
            yield Change(code, placed.place, name, direction=direction)


def _type_changes(old: _Facts, new: _Facts, place: str, direction: str) -> Iterator[Change]:
    if not old.types or not new.types:
        if old.types != new.types:
            code = "type.narrowed" if new.types else "type.widened"
            yield Change(code, place, "", _kinds(old.types), _kinds(new.types), direction)
        return
    before, after = old.types - {"null"}, new.types - {"null"}
    if ("null" in old.types) != ("null" in new.types):
        yield Change("null.added" if "null" in new.types else "null.removed", place, direction=direction)
    if before == after:
        return
    wider = _covers(after, before)
    narrower = _covers(before, after)
    code = "type.widened" if wider else "type.narrowed" if narrower else "type.changed"
    yield Change(code, place, "", _kinds(before), _kinds(after), direction)


def _covers(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    """Every integer is a number."""
    return all(kind in wide or (kind == "integer" and "number" in wide) for kind in narrow)


def _value_changes(old: _Facts, new: _Facts, place: str, direction: str) -> Iterator[Change]:
    if old.values is None and new.values is None:
        return
    if old.values is None or new.values is None:
        code = "bound.tightened" if new.values is not None else "bound.loosened"
        yield Change(code, place, "enum", _words(old.values), _words(new.values), direction)
        return
    before, after = {_word(each) for each in old.values}, {_word(each) for each in new.values}
    for value in sorted(before - after):
        yield Change("value.removed", place, value, direction=direction)
    for value in sorted(after - before):
        yield Change("value.added", place, value, direction=direction)


def _bound_change(name: str, old: Any, new: Any) -> str:
    """Which of the codes it is, "" for none."""
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return ""
    if old is None or new is None:
        return "bound.tightened" if old is None else "bound.loosened"
    if name in _OTHER or not all(isinstance(each, int | float) for each in (old, new)):
        return "bound.changed"
    is_tighter = new > old if name in _AT_LEAST else new < old
    return "bound.tightened" if is_tighter else "bound.loosened"


def _kinds(types: frozenset[str]) -> str:
    return ", ".join(sorted(types)) or "any"


def _word(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _words(values: list[Any] | None) -> str:
    return _word(", ".join(_word(each) for each in values)) if values is not None else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapped(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
