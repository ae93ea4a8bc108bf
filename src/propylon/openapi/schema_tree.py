"""A schema as people read it: a tree of named properties, bounded in depth and size, recursion cut with a name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from propylon.openapi.references import UnknownReferenceError, look_up
from propylon.openapi.schema_facts import kind_of
from propylon.openapi.schemas import Schema, merge

DEEPEST = 8
MOST_NODES = 250  # in one tree: what is beyond is named, not shown
_LONGEST_TEXT = 300
# Keyword of the schema → name of the constraint, in the order in which they are told.
CONSTRAINTS = {
    "minLength": "min_length", "maxLength": "max_length", "pattern": "pattern", "minimum": "minimum",
    "exclusiveMinimum": "above", "maximum": "maximum", "exclusiveMaximum": "below", "multipleOf": "multiple_of",
    "minItems": "min_items", "maxItems": "max_items", "uniqueItems": "unique_items",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """One property, parameter or body. `kind` is a type of JSON, "any", or "one_of" / "any_of" with `alternatives`.

    `shown_kind` are the words that a person reads ("array of Account"); `cut` names the schema that is not shown again.
    """

    name: str
    kind: str
    shown_kind: str
    is_required: bool = False
    is_nullable: bool = False
    is_deprecated: bool = False
    access: str = ""  # "read" or "write", where only one of them is allowed
    description: str = ""
    constraints: tuple[tuple[str, str], ...] = ()
    choices: tuple[str, ...] = ()
    default: str = ""
    example: str = ""
    children: tuple[SchemaNode, ...] = ()
    alternatives: tuple[SchemaNode, ...] = ()
    cut: str = ""

    @property
    def size(self) -> int:
        return 1 + sum(node.size for node in (*self.children, *self.alternatives))

    @property
    def has_more(self) -> bool:
        return bool(self.children or self.alternatives)


@dataclass
class _Budget:
    nodes: int = 0


@dataclass(frozen=True)
class SchemaTrees:
    """The trees of one document's schemas."""

    document: dict[str, Any]
    _budget: _Budget = field(default_factory=_Budget)
    _known: dict[str, tuple[dict[str, Any], list[str]]] = field(default_factory=dict)  # what references fold to

    def tree(self, schema: Any, name: str = "", *, is_required: bool = False) -> SchemaNode:
        self._budget.nodes = 0
        return self._node(schema, name, is_required, ())

    def _node(self, schema: Any, name: str, is_required: bool, above: tuple[str, ...]) -> SchemaNode:
        self._budget.nodes += 1
        flat, names = self._flat(schema)
        title = names[0] if names else ""
        repeated = next((each for each in names if each in above), "")
        is_full = len(above) >= DEEPEST or self._budget.nodes >= MOST_NODES
        inside = (*above, title or f"#{len(above)}")
        kind = _kind(flat)
        cut = repeated or (title or kind if is_full and _has_parts(flat) else "")
        return SchemaNode(
            name=name,
            kind=kind,
            shown_kind=self._shown_kind(flat, kind, title),
            is_required=is_required,
            is_nullable=_is_nullable(flat),
            is_deprecated=flat.get("deprecated") is True,
            access="read" if flat.get("readOnly") is True else "write" if flat.get("writeOnly") is True else "",
            description=str(flat.get("description") or "").strip(),
            constraints=tuple(_constraints(flat)),
            choices=tuple(_text(each) for each in _listed(flat.get("enum"))) or _constant(flat),
            default=_text(flat["default"]) if flat.get("default") is not None else "",
            example=_text(flat["example"]) if flat.get("example") is not None and kind != "object" else "",
            children=() if cut else tuple(self._children(flat, kind, inside)),
            alternatives=() if cut else tuple(self._alternatives(flat, inside)),
            cut=cut,
        )

    def _children(self, flat: Schema, kind: str, above: tuple[str, ...]) -> Iterator[SchemaNode]:
        if kind == "array" and isinstance(flat.get("items"), dict):
            item, _ = self._flat(flat["items"])
            inside = _kind(item)
            if inside in {"object", "array"} or _composed(item):
                yield self._node(flat["items"], "[ ]", False, above)
            return
        required = _listed(flat.get("required"))
        properties = flat.get("properties")
        for name, schema in properties.items() if isinstance(properties, dict) else ():
            yield self._node(schema, str(name), name in required, above)
        additional = flat.get("additionalProperties")
        if isinstance(additional, dict) and additional:
            yield self._node(additional, "*", False, above)

    def _alternatives(self, flat: Schema, above: tuple[str, ...]) -> Iterator[SchemaNode]:
        keyword = _composed(flat)
        for number, each in enumerate(_listed(flat.get(keyword)) if keyword else (), 1):
            _, names = self._flat(each)
            yield self._node(each, names[0] if names else str(number), False, above)

    def _flat(self, schema: Any, seen: tuple[str, ...] = ()) -> tuple[dict[str, Any], list[str]]:
        """`$ref` and `allOf` folded in, and the names of the references that stood at the top."""
        if not isinstance(schema, dict):
            return {}, []
        if len(schema) == 1 and not seen and isinstance(schema.get("$ref"), str):
            if schema["$ref"] not in self._known:
                self._known[schema["$ref"]] = self._folded(schema, seen)
            return self._known[schema["$ref"]]
        return self._folded(schema, seen)

    def _folded(self, schema: Schema, seen: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
        merged: dict[str, Any] = {}
        names: list[str] = []
        reference = schema.get("$ref")
        members = list(_listed(schema.get("allOf")))
        if isinstance(reference, str) and reference not in seen:
            names.append(reference.rsplit("/", 1)[-1])
            seen = (*seen, reference)
            try:
                members.insert(0, look_up(self.document, reference))
            except UnknownReferenceError:
                return {}, names
        for member in members:
            part, _ = self._flat(member, seen)
            merge(merged, part)
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        # A reference's own words are worth more than an empty text beside it.
        merge(merged, own)
        return merged, names or ([str(merged["title"])] if isinstance(merged.get("title"), str) else [])

    def _shown_kind(self, flat: Schema, kind: str, title: str) -> str:
        if kind == "array":
            item, names = self._flat(flat.get("items"))
            inner = _kind(item)
            words = names[0] if names and inner in {"object", "one_of", "any_of"} else self._shown_kind(item, inner, "")
            return f"array of {words}"
        if kind == "object" and not flat.get("properties") and isinstance(flat.get("additionalProperties"), dict):
            item, _ = self._flat(flat["additionalProperties"])
            return f"map of {self._shown_kind(item, _kind(item), '')}" if item else "object"
        words = {"one_of": "one of", "any_of": "any of"}.get(kind, kind)
        form = flat.get("format")
        return f"{words} ({form})" if isinstance(form, str) and kind in {"string", "integer", "number"} else words


def _kind(flat: Schema) -> str:
    if _composed(flat) and not flat.get("properties"):
        return "one_of" if flat.get("oneOf") else "any_of"
    if not flat or not {"type", "properties", "items", "enum", "format", "pattern", "additionalProperties"} & set(flat):
        return "any" if not (_composed(flat) or flat.get("required")) else "object"
    return kind_of(flat)


def _composed(flat: Schema) -> str:
    return next((keyword for keyword in ("oneOf", "anyOf") if isinstance(flat.get(keyword), list)), "")


def _has_parts(flat: Schema) -> bool:
    return bool(flat.get("properties") or _composed(flat) or isinstance(flat.get("items"), dict))


def _is_nullable(flat: Schema) -> bool:
    return flat.get("nullable") is True or "null" in _listed(flat.get("type"))


def _constraints(flat: Schema) -> Iterator[tuple[str, str]]:
    for keyword, name in CONSTRAINTS.items():
        value = flat.get(keyword)
        if value is None or value is False or (keyword in {"minLength", "minItems"} and value == 0):
            continue
        if value is True and keyword != "uniqueItems":  # OpenAPI 3.0 says it beside the bound itself
            continue
        is_open = flat.get(f"exclusive{keyword.capitalize()}") is True
        yield {"minimum": "above", "maximum": "below"}[keyword] if is_open else name, _text(value)


def _constant(flat: Schema) -> tuple[str, ...]:
    return (_text(flat["const"]),) if "const" in flat else ()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "\N{HORIZONTAL ELLIPSIS}"
