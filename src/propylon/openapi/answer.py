"""One mocked answer in the making: items by their id, lists of those items, everything else by its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.described import Described, MockOperation, content_of, is_json, is_parameter
from propylon.openapi.generate import Generator
from propylon.openapi.items import (
    Collection,
    Spot,
    collection_of,
    context_names,
    identifiers,
    identity,
    likeness,
    lists_in,
    thing_spot,
)
from propylon.openapi.schema_facts import ABSENT, fitted_identifier, normal

_ITEMS_OF_A_LIST = 3


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """`body` is a JSON value when `is_json`, else a text; `media_type` is empty when the answer has no content."""

    status: int
    headers: Mapping[str, str]
    media_type: str
    body: Any

    @property
    def is_json(self) -> bool:
        return is_json(self.media_type)


class AnswerMaker:
    """One answer in the making."""

    def __init__(
        self, described: Described, operation: MockOperation, parameters: Mapping[str, str], seed: str
    ) -> None:
        self.api = described
        self.schemas = described.schemas
        self.operation = operation
        self.parameters = parameters
        self.seed = seed
        self.context = context_names(operation.path, parameters)

    def make(self, status: str) -> MockAnswer:
        response = self.schemas.resolve(self.operation.responses[status])
        number = _status_number(status)
        media_type, content = content_of(response)
        headers = self._headers(response, status)
        if not media_type or number in {204, 304}:
            return MockAnswer(number, headers, "", None)
        if not is_json(media_type):
            return MockAnswer(number, headers, media_type, self._text(content))
        media_type = "application/json" if "*" in media_type else media_type
        return MockAnswer(number, headers, media_type, self._body(content, status))

    def _body(self, content: Mapping[str, Any], status: str) -> Any:
        schema = content.get("schema", {})
        if status.startswith("2"):
            if (collection := self._own_collection()) is not None:
                return self._item_body(schema, status, collection, self.parameters[collection.parameter])
            spots = list(lists_in(self.schemas, schema)) if self.operation.method == "GET" else []
            if spots:
                return self._list_body(schema, status, spots)
            below = self.api.item_below(self.operation.path)
            if self.operation.method == "POST" and below is not None:
                return self._created_body(schema, status, below)
        hint = self.api.media_example(content)
        return self._generator(self.context).value(schema, self._place(status), hint=hint)

    def _own_collection(self) -> Collection | None:
        """The collection whose item this operation's path names."""
        parent, _, last = self.operation.path.rpartition("/")
        return collection_of(parent, last[1:-1]) if is_parameter(last) else None

    def _item_body(self, schema: Any, status: str, collection: Collection, identifier: str) -> Any:
        context = self.context | self._named(collection, identifier)
        body = self._generator(context).value(schema, self._place(status))
        listed = self._listed_schema(collection)
        spot = thing_spot(self.schemas, schema, listed, collection)
        return _put(body, spot.steps, self._thing(spot.schema, collection, identifier, context))

    def _listed_schema(self, collection: Collection) -> Any:
        operation = self.api.list_at(collection.path)
        schema = self.api.success_schema(operation) if operation is not None else None
        spots = list(lists_in(self.schemas, schema)) if schema is not None else []
        return spots[0].schema if spots else None

    def _list_body(self, schema: Any, status: str, spots: list[Spot]) -> Any:
        body = self._generator(self.context).value(schema, self._place(status))
        below = self.api.item_below(self.operation.path)
        parameter = below.path.rpartition("/")[2][1:-1] if below is not None else ""
        collection = collection_of(self.operation.path, parameter)
        item_schema = self.api.success_schema(below) if below is not None else None
        if below is not None and item_schema is not None:
            spots = self._like_items(spots, item_schema, collection)
        used = 0
        for spot in spots:
            place = _get(body, spot.steps)
            name = identity(self.schemas, spot.schema, collection)
            if not isinstance(place, list) or name is None:
                continue
            demands = [self.schemas.flat(spot.schema).schema["properties"][name]]
            if below is not None:
                demands.append(self.api.parameter_schema(below, parameter))
            count = self._count(schema, spot, len(place))
            names = identifiers(self.schemas, demands, self._collection_seed(collection), collection.noun, used + count)
            things = []
            for identifier in names[used:]:
                context = self.context | self._named(collection, identifier)
                things.append(self._thing(spot.schema, collection, identifier, context))
            used = len(names)
            body = _put(body, spot.steps, things)
        return body

    def _like_items(self, spots: list[Spot], item_schema: Any, collection: Collection) -> list[Spot]:
        """Of several lists in one body those that hold what the item operation answers."""

        def best(spot: Spot) -> int:
            thing = thing_spot(self.schemas, item_schema, spot.schema, collection)
            return likeness(self.schemas, thing.schema, spot.schema)

        most = max(best(spot) for spot in spots)
        return [spot for spot in spots if best(spot) == most]

    def _count(self, schema: Any, spot: Spot, made: int) -> int:
        flat = self.schemas.flat(schema).schema
        for step in spot.steps:
            flat = self.schemas.flat(flat["properties"][step]).schema
        return max(int(flat.get("minItems", 0)), min(int(flat.get("maxItems", 1_000)), max(made, _ITEMS_OF_A_LIST)))

    def _created_body(self, schema: Any, status: str, below: MockOperation) -> Any:
        parameter = below.path.rpartition("/")[2][1:-1]
        collection = collection_of(self.operation.path, parameter)
        demands = [self.api.parameter_schema(below, parameter)]
        name = identity(self.schemas, schema, collection)
        if name is not None:
            demands.append(self.schemas.flat(schema).schema["properties"][name])
        found = identifiers(self.schemas, demands, self._collection_seed(collection), collection.noun, 1)
        if not found:
            return self._generator(self.context).value(schema, self._place(status))
        return self._item_body(schema, status, collection, found[0])

    def _thing(self, schema: Any, collection: Collection, identifier: str, context: Mapping[str, str]) -> Any:
        """The one thing that this id names, whichever operation asks."""
        seed = f"{self._collection_seed(collection)}/{identifier}"
        thing = self._generator(context).value(schema, seed)
        name = identity(self.schemas, schema, collection)
        if name is not None and isinstance(thing, dict):
            property_schema = self.schemas.flat(schema).schema["properties"][name]
            fitted = fitted_identifier(self.schemas, property_schema, identifier)
            if fitted is not ABSENT:
                thing = {**thing, name: fitted}
        return thing

    def _named(self, collection: Collection, identifier: str) -> dict[str, str]:
        template = f"{collection.path}/{{{collection.parameter}}}"
        return context_names(template, {**self.parameters, collection.parameter: identifier})

    def _collection_seed(self, collection: Collection) -> str:
        return f"{self.seed}|{_concrete(collection.path, self.parameters)}"

    def _place(self, status: str) -> str:
        return f"{self.seed}|{self.operation.method} {_concrete(self.operation.path, self.parameters)}|{status}"

    def _generator(self, context: Mapping[str, str]) -> Generator:
        return Generator(self.schemas, context)

    def _headers(self, response: Mapping[str, Any], status: str) -> dict[str, str]:
        headers = {}
        for name, header in response.get("headers", {}).items():
            described = self.schemas.resolve(header)
            if normal(name) in {"contenttype", "contentlength", "transferencoding", "requesttrackingid"}:
                continue
            schema = described.get("schema") or content_of(described)[1].get("schema", {"type": "string"})
            hint = described.get("example", ABSENT)
            value = self._generator(self.context).value(schema, f"{self._place(status)}|{name}", name=name, hint=hint)
            text = str(value).lower() if isinstance(value, bool) else str(value)
            headers[name] = "".join(character if " " <= character <= "~" else "?" for character in text)
        return headers

    def _text(self, content: Mapping[str, Any]) -> str:
        example = self.api.media_example(content)
        if isinstance(example, str):
            return example
        value = self._generator({}).value(content.get("schema", {}), self._place("text"))
        return value if isinstance(value, str) else ""


def _status_number(status: str) -> int:
    if status.isdecimal():
        return int(status)
    return int(status[0]) * 100 if status[:1].isdecimal() else 200


def _concrete(template: str, parameters: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        template = template.replace("{" + name + "}", value)
    return template


def _get(body: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _put(body: Any, steps: tuple[str, ...], value: Any) -> Any:
    """The body with another value at this place; unchanged if the place is not there."""
    if not steps:
        return value
    if not isinstance(body, dict) or steps[0] not in body:
        return body
    return {**body, steps[0]: _put(body[steps[0]], steps[1:], value)}
