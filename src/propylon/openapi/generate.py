"""Values for schemas: typed, stable by seed, with optional fields filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from propylon.openapi.apart import set_apart
from propylon.openapi.draw import Draw
from propylon.openapi.patterns import sample
from propylon.openapi.scalars import make_number, make_text
from propylon.openapi.schema_facts import (
    ABSENT,
    discriminated,
    examples,
    fitted_identifier,
    is_null,
    kind_of,
    member_schema,
    normal,
    without_examples,
)
from propylon.openapi.schemas import Schema, Schemas

_FEW = 2  # how often one schema may stand within itself, and how many items a list has
_FULL_DEPTH = 12  # below this, only what is required
_LAST_DEPTH = 40
_MOST_NODES = 3_000
_RETRIES = 8
# Keywords that building does not look at: made, judged, made again.
_JUDGED = frozenset({"not", "if", "contains", "dependentRequired", "dependentSchemas", "allOf"})


class Generator:
    """Makes one value. `identifiers` (normal name: text) are put wherever a property of that name takes them.

    `is_request`: the value is sent, not answered, so what is `readOnly` stays out instead of what is `writeOnly`.
    """

    def __init__(
        self, schemas: Schemas, identifiers: Mapping[str, str] | None = None, *, is_request: bool = False
    ) -> None:
        self._schemas = schemas
        self._left_out = "readOnly" if is_request else "writeOnly"
        self._identifiers = identifiers or {}
        self._within: Counter[str] = Counter()
        self._depth = 0
        self._nodes = 0

    def value(self, schema: Any, seed: str, *, name: str = "", hint: Any = ABSENT) -> Any:
        """A value for the schema. `name` is the property's, for readable texts; `hint` is used where it is valid."""
        flat = self._schemas.flat(schema)
        self._nodes += 1
        self._depth += 1
        self._within.update(flat.references)
        try:
            if self._depth > _LAST_DEPTH:
                return self._last_resort(flat.schema)
            return self._judged(flat.schema, seed, name, hint)
        finally:
            self._within.subtract(flat.references)
            self._depth -= 1

    def _judged(self, schema: Schema, seed: str, name: str, hint: Any) -> Any:
        value = self._made(schema, seed, name, hint)
        if _JUDGED.isdisjoint(schema):
            return value
        for attempt in range(_RETRIES):
            if self._schemas.accepts(schema, value):
                return value
            value = self._made(schema, f"{seed}~{attempt}", name, ABSENT)
        return value

    def _made(self, schema: Schema, seed: str, name: str, hint: Any) -> Any:
        if "const" in schema:
            return schema["const"]
        kind = kind_of(schema)
        for given in (hint, *examples(schema)):
            if given is ABSENT or given is None:
                continue
            if kind == "object" and isinstance(given, dict):
                hint = given if hint is ABSENT else hint
            elif self._schemas.accepts(schema, given):
                return given
        if isinstance(schema.get("enum"), list):
            return self._one_of_enum(schema, seed)
        for keyword in ("oneOf", "anyOf"):
            if isinstance(schema.get(keyword), list) and schema[keyword]:
                return self._alternative(schema, keyword, seed, name, hint)
        members = [member for member in schema.get("allOf", ()) if isinstance(member, dict)]
        if members:  # a second oneOf or anyOf, kept apart when schemas were merged
            first, rest = members[0], {**schema, "allOf": members[1:]}
            return self._made(
                {**{key: item for key, item in rest.items() if rest["allOf"] or key != "allOf"}, **first},
                seed,
                name,
                hint,
            )
        return self._by_kind(kind, schema, seed, name, hint)

    def _by_kind(self, kind: str, schema: Schema, seed: str, name: str, hint: Any) -> Any:
        draw = Draw(seed)
        match kind:
            case "object":
                return self._object(schema, seed, hint if isinstance(hint, dict) else {})
            case "array":
                return self._array(schema, seed, name)
            case "boolean":
                return bool(draw.below(2))
            case "integer" | "number":
                return make_number(schema, draw, is_whole=kind == "integer")
            case "null":
                return None
        return make_text(schema, draw, name)

    def _one_of_enum(self, schema: Schema, seed: str) -> Any:
        """Begins anywhere, by seed; the first that the rest of the schema accepts."""
        plain = {key: item for key, item in schema.items() if key not in {"enum", "oneOf", "anyOf", "allOf"}}
        values = [value for value in schema["enum"] if value is not None]
        start = Draw(seed).below(len(values))
        rotated = values[start:] + values[:start]
        return next((value for value in rotated if self._schemas.accepts(plain, value)), None)

    def _alternative(self, schema: Schema, keyword: str, seed: str, name: str, hint: Any) -> Any:
        """One alternative's value; for `oneOf` one that no other alternative accepts."""
        alternatives = schema[keyword]
        rest = {key: item for key, item in schema.items() if key != keyword}
        repaired = []
        for index in self._order(alternatives, seed):
            value = self.value({"allOf": [rest, alternatives[index]]}, seed, name=name, hint=hint)
            value = discriminated(value, schema, alternatives[index])
            if keyword == "anyOf" or self._schemas.accepts({keyword: alternatives}, value):
                return value
            apart = set_apart(self._schemas, alternatives, index, value)
            if apart is not None:
                repaired.append(apart)
        if repaired:
            return min(repaired, key=lambda value: sum(item is None for item in value.values()))
        return value

    def _order(self, alternatives: list[Any], seed: str) -> list[int]:
        """Begins anywhere, by seed; what stands within itself already, and null, come last."""
        start = Draw(seed + "|order").below(len(alternatives))
        rotated = [(start + index) % len(alternatives) for index in range(len(alternatives))]
        return sorted(rotated, key=lambda index: self._is_deep(alternatives[index]) + 2 * is_null(alternatives[index]))

    def _object(self, schema: Schema, seed: str, hint: Mapping[str, Any]) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        names = [name for name in properties if name in required or self._is_filled(properties[name])]
        names += [name for name in required if name not in properties]
        if self._left_out == "readOnly":  # "required" then holds for the answer only (OpenAPI 3.0.3, "Schema Object")
            names = [name for name in names if not self._is_left_out(properties.get(name))]
        if "maxProperties" in schema:
            names = sorted(names, key=lambda name: name not in required)[: max(len(required), schema["maxProperties"])]
        additional = schema.get("additionalProperties", {})
        additional = additional if isinstance(additional, dict) else {}
        made = {}
        for name in names:
            member = properties.get(name, additional)
            made[name] = self._property(member, f"{seed}.{name}", name, hint.get(name, ABSENT))
        for name in self._more_names(schema, made, seed):
            made[name] = self.value(member_schema(schema, name, additional), f"{seed}.{name}", name=name)
        return made

    def _property(self, schema: Any, seed: str, name: str, hint: Any) -> Any:
        identifier = self._identifiers.get(normal(name))
        if identifier is not None:
            fitted = fitted_identifier(self._schemas, schema, identifier)
            if fitted is not ABSENT:
                return fitted
        return self.value(schema, seed, name=name, hint=hint)

    def _more_names(self, schema: Schema, made: Mapping[str, Any], seed: str) -> Iterator[str]:
        """Names for maps: two where nothing is named, and as many as `minProperties` asks for."""
        additional = schema.get("additionalProperties")
        patterns = [pattern for pattern in schema.get("patternProperties", {}) if isinstance(pattern, str)]
        is_map = not schema.get("properties") and ((isinstance(additional, dict) and additional) or patterns)
        wanted = max(int(schema.get("minProperties", 0)) - len(made), _FEW if is_map and not self._is_full() else 0)
        wanted = min(wanted, int(schema.get("maxProperties", wanted + len(made))) - len(made))
        pattern = schema.get("propertyNames", {}).get("pattern") or (patterns[0] if patterns else None)
        for index in range(max(wanted, 0)):
            name = sample(pattern, Draw(f"{seed}|name{index}")) if isinstance(pattern, str) else None
            yield name or f"name{index + 1}"

    def _array(self, schema: Schema, seed: str, name: str) -> list[Any]:
        items = schema.get("items", {})
        prefix = schema.get("prefixItems", [])
        low, high = int(schema.get("minItems", 0)), int(schema.get("maxItems", 1_000))
        made = [self.value(item, f"{seed}[{index}]", name=name) for index, item in enumerate(prefix)]
        if items is False:
            return made
        count = 0 if self._is_full() or self._is_deep(items) else max(0, _FEW - len(made))
        count = max(low, min(high, len(made) + count)) - len(made)
        for index in range(len(made), len(made) + count):
            value = self._with_own_id(self.value(items, f"{seed}[{index}]", name=name), items, made, f"{seed}[{index}]")
            for attempt in range(_RETRIES if schema.get("uniqueItems") else 0):
                if value not in made:
                    break
                value = self.value(without_examples(self._schemas, items), f"{seed}[{index}]~{attempt}", name=name)
            if not (schema.get("uniqueItems") and value in made):
                made.append(value)
        return made

    def _with_own_id(self, value: Any, items: Any, others: list[Any], seed: str) -> Any:
        """Two things of a list are not one, also where the document's example gives both the same id."""
        taken = [each.get("id") for each in others if isinstance(each, dict)]
        if not isinstance(value, dict) or "id" not in value or value["id"] not in taken:
            return value
        own = self._schemas.flat(items).schema.get("properties", {}).get("id")
        if not isinstance(own, dict):
            return value
        return {**value, "id": self.value(without_examples(self._schemas, own), f"{seed}.id", name="id")}

    def _is_filled(self, schema: Any) -> bool:
        """Is this optional property filled? Not for ever: not what stands within itself already, not at the bottom."""
        if not isinstance(schema, dict):
            return False
        return not self._is_left_out(schema) and not self._is_full() and not self._is_deep(schema)

    def _is_left_out(self, schema: Any) -> bool:
        if not isinstance(schema, dict):
            return False
        return schema.get(self._left_out) is True or self._schemas.flat(schema).schema.get(self._left_out) is True

    def _is_full(self) -> bool:
        return self._depth > _FULL_DEPTH or self._nodes > _MOST_NODES

    def _is_deep(self, schema: Any) -> bool:
        flat = self._schemas.flat(schema)
        references = flat.references
        if kind_of(flat.schema) == "array":
            references |= self._schemas.flat(flat.schema.get("items")).references
        return any(self._within[reference] >= _FEW for reference in references)

    def _last_resort(self, schema: Schema) -> Any:
        """A schema that demands itself without end has no value; this at least has its type."""
        return {"object": {}, "array": [], "integer": 0, "number": 0, "boolean": False, "null": None}.get(
            kind_of(schema), ""
        )
