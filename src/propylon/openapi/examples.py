"""An example request for every operation: parameters and body from the document's own examples, else made up.

The same document gives the same requests. Parameters as OpenAPI 3.0.3 describes them ("Parameter Object").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.body_examples import ExampleBody, example_body
from propylon.openapi.described import Described, MockOperation, content_of
from propylon.openapi.generate import Generator
from propylon.openapi.items import collection_of, identifiers
from propylon.openapi.schema_facts import ABSENT, kind_of
from propylon.openapi.schemas import Schema

LOCATIONS = ("path", "query", "header")  # cookies never pass the gateway
# Definitions of the first three are ignored ("Parameter Object"); the others are the transport's, or the gateway's own.
_NOT_PARAMETERS = frozenset(
    {
        "accept", "content-type", "authorization", "host", "content-length", "transfer-encoding", "connection",
        "cookie", "te", "upgrade", "expect", "proxy-authorization", "forwarded", "requesttrackingid",
    }
)  # fmt: skip
_LONGEST_TITLE = 400


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter; every value is a text. Lists are written `a,b`, objects as JSON."""

    name: str
    location: str  # one of LOCATIONS
    is_required: bool
    description: str
    kind: str  # string, integer, number, boolean, array, object
    choices: tuple[str, ...]  # what the schema enumerates
    default: str  # "" if it has none
    example: str
    is_given: bool  # the document itself gives the example
    style: str
    explodes: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.location, self.name


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    method: str  # upper case
    path: str  # the template
    tags: tuple[str, ...]
    summary: str
    description: str
    parameters: tuple[Parameter, ...]  # path, query, header
    body: ExampleBody | None

    @property
    def values(self) -> dict[tuple[str, str], str]:
        """What a minimal request needs: the required parameters only."""
        return {parameter.key: parameter.example for parameter in self.parameters if parameter.is_required}


class Examples:
    """The example requests of one document that `read_api` has accepted."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._described = Described(document)

    def request(self, method: str, path: str) -> ExampleRequest | None:
        """Of the operation with this method and path template; None if the document has none such."""
        operation = self._described.operations.get(path, {}).get(method)
        if operation is None:
            return None
        node = operation.description
        parameters = sorted(self._parameters(operation), key=lambda parameter: LOCATIONS.index(parameter.location))
        tags = node.get("tags")
        return ExampleRequest(
            method=method,
            path=path,
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            summary=str(node.get("summary") or "").strip(),
            description=str(node.get("description") or "").strip(),
            parameters=tuple(parameters),
            body=example_body(self._described, operation),
        )

    def _parameters(self, operation: MockOperation) -> Iterator[Parameter]:
        """Those of the operation before those of its path, each once."""
        seen = set()
        for source in (operation.description, operation.path_item):
            listed = source.get("parameters")
            for node in listed if isinstance(listed, list) else ():
                described = self._described.schemas.resolve(node)
                if not isinstance(described, dict) or not isinstance(described.get("name"), str):
                    continue
                key = (described.get("in"), described["name"])
                is_ours = key[0] in LOCATIONS and not (key[0] == "header" and key[1].lower() in _NOT_PARAMETERS)
                if is_ours and key not in seen and "\r" not in key[1] and "\n" not in key[1]:
                    yield self._parameter(described, operation)
                seen.add(key)

    def _parameter(self, node: Mapping[str, Any], operation: MockOperation) -> Parameter:
        schemas = self._described.schemas
        _, content = content_of(node)
        holder = content or node
        schema = holder.get("schema", {})
        flat = schemas.flat(schema).schema
        kind = "object" if content else kind_of(flat)
        style = str(node.get("style") or ("form" if node["in"] == "query" else "simple"))
        given = self._given(node, holder, flat)
        seed = f"{operation.method} {operation.path}|{node['in']}|{node['name']}"
        if given is not ABSENT:
            value = given
        elif node["in"] == "path":
            value = self._identifier(schema, seed, operation.path, str(node["name"]))
        else:
            value = self._made(schema, flat, seed, str(node["name"]))
        return Parameter(
            name=node["name"],
            location=node["in"],
            is_required=node["in"] == "path" or node.get("required") is True,
            description=str(node.get("description") or flat.get("description") or "").strip()[:_LONGEST_TITLE],
            kind=kind,
            choices=tuple(text_of(choice, kind) for choice in flat.get("enum") or () if choice is not None),
            default=text_of(flat["default"], kind) if flat.get("default") is not None else "",
            example=text_of(value, kind),
            is_given=given is not ABSENT,
            style=style,
            explodes=node.get("explode", style == "form") is True,
        )

    def _given(self, node: Mapping[str, Any], holder: Mapping[str, Any], flat: Schema) -> Any:
        """The first example that the document gives: at the parameter, at its content, at its schema."""
        for place in (node, holder):
            found = self._described.media_example(place)
            if found is not ABSENT and found is not None:
                return found
        if flat.get("example") is not None:
            return flat["example"]
        listed = flat.get("examples")
        return listed[0] if isinstance(listed, list) and listed else ABSENT

    def _identifier(self, schema: Any, seed: str, path: str, name: str) -> Any:
        """Something that may stand in a path, and looks like what it names."""
        before = path.partition("{" + name + "}")[0].rstrip("/")
        found = identifiers(self._described.schemas, [schema], seed, collection_of(before, name).noun, 1)
        return found[0] if found else self._made(schema, self._described.schemas.flat(schema).schema, seed, name)

    def _made(self, schema: Any, flat: Schema, seed: str, name: str) -> Any:
        if flat.get("default") is not None:
            return flat["default"]
        return Generator(self._described.schemas, is_request=True).value(schema, seed, name=name)


def text_of(value: Any, kind: str = "string") -> str:
    """A JSON value as the text of one parameter."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and kind == "array":
        return ",".join(text_of(item) for item in value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
