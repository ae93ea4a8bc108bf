"""What a schema says of itself, asked by everything that makes values."""

from __future__ import annotations

import re
from typing import Any, Final

from propylon.openapi.schemas import Schema, Schemas

ABSENT: Final = object()


def normal(name: str) -> str:
    """`account-id`, `accountId` and `account_id` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def fitted_identifier(schemas: Schemas, schema: Any, text: str) -> Any:
    """The text as the schema wants it (a number where it says so), or `ABSENT` if it does not fit."""
    candidates: list[Any] = [text]
    if re.fullmatch(r"-?[0-9]{1,18}", text) and str(int(text)) == text:
        candidates.append(int(text))
    return next((candidate for candidate in candidates if schemas.accepts(schema, candidate)), ABSENT)


def kind_of(schema: Schema) -> str:
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else list(kind or ())
    for candidate in kinds:
        if candidate != "null":
            return str(candidate)
    if kinds:
        return "null"
    for keywords, implied in _IMPLIED:
        if not keywords.isdisjoint(schema):
            return implied
    return "string"


_IMPLIED = (
    (frozenset({"properties", "required", "additionalProperties", "patternProperties", "minProperties"}), "object"),
    (frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}), "array"),
    (frozenset({"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"}), "number"),
)


def is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def examples(schema: Schema) -> list[Any]:
    examples = schema.get("examples")
    listed = examples if isinstance(examples, list) else []
    return [schema["example"], *listed] if "example" in schema else listed


def without_examples(schemas: Schemas, schema: Any) -> dict[str, Any]:
    return {key: item for key, item in schemas.flat(schema).schema.items() if key not in {"example", "examples"}}


def member_schema(schema: Schema, name: str, additional: Any) -> Any:
    for pattern, member in schema.get("patternProperties", {}).items():
        if re.search(pattern, name):
            return member
    return additional


def discriminated(value: Any, schema: Schema, alternative: Any) -> Any:
    """Says in the discriminator's property which alternative this is (OpenAPI 3.0.3, "Discriminator Object")."""
    discriminator = schema.get("discriminator")
    reference = alternative.get("$ref") if isinstance(alternative, dict) else None
    if not isinstance(discriminator, dict) or not isinstance(reference, str) or not isinstance(value, dict):
        return value
    short = reference.rsplit("/", 1)[-1]
    mapping = discriminator.get("mapping")
    mapping = mapping if isinstance(mapping, dict) else {}
    key = next((key for key, target in mapping.items() if target in {reference, short}), short)
    name = discriminator.get("propertyName")
    return {**value, name: key} if name in value else value
