"""JSON Schema of a type of `authorization_details`: what may be one, and what an object has against it.

A schema is closed where it names members and says nothing else: RFC 9396, 5 refuses unknown fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

_FORMATS = FormatChecker()
_LARGEST_SCHEMA = 20_000  # characters
_ELSEWHERE = "with references inside itself only"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_SAID = {
    "type": "not of the type {value}",
    "enum": "not one of the values that are allowed",
    "const": "not one of the values that are allowed",
    "oneOf": "not one of the values that are allowed",
    "anyOf": "not one of the values that are allowed",
    "pattern": "not of the form that the type asks for",
    "format": "not a valid {value}",
    "minLength": "shorter than {value}",
    "maxLength": "longer than {value}",
    "minItems": "fewer than {value} entries",
    "maxItems": "more than {value} entries",
    "uniqueItems": "the same entry twice",
    "minimum": "less than {value}",
    "maximum": "more than {value}",
    "exclusiveMinimum": "not more than {value}",
    "exclusiveMaximum": "not less than {value}",
    "multipleOf": "not a multiple of {value}",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`place` is a path such as `[0].instructedAmount.amount`."""

    place: str
    reason: str


@_FORMATS.checks("iban")
def _is_iban(value: object) -> bool:
    """ISO 13616, with its check digits."""
    if not isinstance(value, str):
        return True
    if not _IBAN.fullmatch(value):
        return False
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def problem_of(
    detail: Mapping[str, Any], schema: Mapping[str, Any], *, may_miss: frozenset[str] = frozenset()
) -> Problem | None:
    """The first thing that is wrong with an object; `may_miss` need not be there yet."""
    told = {name: value for name, value in detail.items() if name != "type"}
    try:
        found = best_match(_validator(json.dumps(schema), may_miss).iter_errors(told))
    except (Unresolvable, RecursionError):  # a schema that leads to itself without end
        return Problem("", "not as the type's schema says")
    return _problem(found) if found is not None else None


def schema_mistake(schema: object, *, account_member: str = "") -> str:
    """Why this is no schema of a type; "" if it is one."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        return "a JSON Schema with type object and properties"
    if len(json.dumps(schema)) > _LARGEST_SCHEMA:
        return f"at most {_LARGEST_SCHEMA} characters"
    if "type" in schema["properties"]:
        return "without the member type, which every object has"
    found = _unreadable(schema)
    return found or (_account_mistake(schema["properties"], account_member) if account_member else "")


def _unreadable(schema: dict[str, Any]) -> str:
    try:
        Draft202012Validator.check_schema(schema)
        if any(not reference.startswith("#/") for reference in _references(schema)):
            return _ELSEWHERE
        best_match(_validator(json.dumps(schema), frozenset()).iter_errors({}))
    except SchemaError as error:
        return f"valid JSON Schema 2020-12: {error.message[:200]}"
    except (Unresolvable, RecursionError):
        return _ELSEWHERE
    return ""


def _account_mistake(properties: Mapping[str, Any], member: str) -> str:
    found = properties.get(member)
    kind = found.get("type") if isinstance(found, dict) else None
    texts = isinstance(found, dict) and isinstance(found.get("items"), dict) and found["items"].get("type") == "string"
    if kind == "string" or (kind == "array" and texts):
        return ""
    return "with the member for accounts as a string, or an array of strings"


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [each for item in node for each in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node[name] for name in ("$ref", "$dynamicRef") if isinstance(node.get(name), str)]
    return own + [each for item in node.values() for each in _references(item)]


@lru_cache(maxsize=256)
def _validator(text: str, may_miss: frozenset[str]) -> Draft202012Validator:
    schema = _closed(json.loads(text))
    if may_miss:
        schema["required"] = [name for name in schema.get("required", []) if name not in may_miss]
    # An empty registry: nothing is ever fetched.
    return Draft202012Validator(schema, format_checker=_FORMATS, registry=Registry())


def _closed(schema: Any) -> Any:
    """Objects that name their members have no others, unless the schema says so itself."""
    if not isinstance(schema, dict):
        return schema
    closed = dict(schema)
    if isinstance(schema.get("properties"), dict):
        closed["properties"] = {name: _closed(inner) for name, inner in schema["properties"].items()}
        if "unevaluatedProperties" not in schema:
            closed.setdefault("additionalProperties", False)
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if isinstance(schema.get("$defs"), dict):
        closed["$defs"] = {name: _closed(inner) for name, inner in schema["$defs"].items()}
    return closed


def _problem(error: ValidationError) -> Problem:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    keyword = str(error.validator)
    value: Any = error.validator_value
    instance: Any = error.instance
    if keyword == "required":
        missing = next((name for name in value if name not in instance), "")
        return Problem(f"{place}.{missing}", "missing")
    if keyword == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        unknown = next((name for name in instance if name not in known), "")
        return Problem(f"{place}.{unknown}", "a field that the type does not have")
    said = _SAID.get(keyword, "not as the type's schema says")
    kinds = isinstance(value, list) and keyword == "type"
    return Problem(place, said.format(value=" or ".join(value) if kinds else value))
