"""`oneOf` means exactly one: changes a value until only its own alternative accepts it."""

from __future__ import annotations

from typing import Any

from propylon.openapi.schemas import Schema, Schemas

_ODD = (None, False, "", 0)


def set_apart(schemas: Schemas, alternatives: list[Any], index: int, value: Any) -> dict[str, Any] | None:
    """The value with as little changed as is needed, or None if it cannot be done."""
    if not isinstance(value, dict) or not schemas.accepts(alternatives[index], value):
        return None
    own = schemas.flat(alternatives[index]).schema
    for other_index, other in enumerate(alternatives):
        if other_index == index or not schemas.accepts(other, value):
            continue
        changed = _refused_by(schemas, own, schemas.flat(other).schema, value)
        if changed is None:
            return None
        value = changed
    return value if schemas.accepts({"oneOf": alternatives}, value) else None


def _refused_by(schemas: Schemas, own: Schema, other: Schema, value: dict[str, Any]) -> dict[str, Any] | None:
    return (
        _with_other_word(schemas, own, other, value)
        or _without_needed(own, other, value)
        or _with_odd_member(schemas, own, other, value)
    )


def _with_other_word(schemas: Schemas, own: Schema, other: Schema, value: dict[str, Any]) -> dict[str, Any] | None:
    """A word that our enumeration has and the other's has not."""
    for name in value.keys() & own.get("properties", {}).keys() & other.get("properties", {}).keys():
        ours, theirs = own["properties"][name], other["properties"][name]
        for word in schemas.flat(ours).schema.get("enum", ()):
            if schemas.accepts(ours, word) and not schemas.accepts(theirs, word):
                return {**value, name: word}
    return None


def _without_needed(own: Schema, other: Schema, value: dict[str, Any]) -> dict[str, Any] | None:
    """Without a member that is optional with us and required there."""
    for name in other.get("required", ()):
        if name in value and name not in own.get("required", ()):
            return {key: item for key, item in value.items() if key != name}
    return None


def _with_odd_member(schemas: Schemas, own: Schema, other: Schema, value: dict[str, Any]) -> dict[str, Any] | None:
    """With a member that we do not know and that has the wrong type there: null, where that is wrong."""
    for name, schema in other.get("properties", {}).items():
        if name in value or name in own.get("properties", {}):
            continue
        for odd in _ODD:
            additional = own.get("additionalProperties", True)
            if not schemas.accepts(schema, odd) and schemas.accepts(additional, odd):
                return {**value, name: odd}
    return None
