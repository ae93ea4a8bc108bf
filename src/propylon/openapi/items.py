"""Lists and their items: which operations answer with the same things, so that mocked lists agree with mocked items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.draw import Draw
from propylon.openapi.scalars import make_identifier
from propylon.openapi.schema_facts import ABSENT, fitted_identifier, kind_of, normal
from propylon.openapi.schemas import Schemas

_GENERIC = ("id", "uuid", "identifier", "key", "number", "code")
_DEEPEST_LIST = 3
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a body a thing (or the list of things) stands: the names of the members that lead there."""

    steps: tuple[str, ...]
    schema: Any  # of the thing itself


@dataclass(frozen=True, slots=True)
class Collection:
    """The path of a list, and the parameter that names one item below it."""

    path: str  # "/things"
    parameter: str  # "id"

    @property
    def noun(self) -> str:
        """`thing`, from the last literal segment."""
        literals = [segment for segment in self.path.split("/") if segment and not segment.startswith("{")]
        return singular(literals[-1]) if literals else "item"


def singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word


def collection_of(path: str, parameter: str) -> Collection:
    """Without a parameter (no operation reads one item) its name is made up: `thingId`."""
    collection = Collection(path.rstrip("/"), parameter)
    return collection if parameter else Collection(collection.path, collection.noun + "Id")


def context_names(template: str, values: Mapping[str, str]) -> dict[str, str]:
    """The path's parameters under the names that properties give them: `{id}` below `/accounts` is `accountid`."""
    names = {}
    before = ""
    for segment in template.split("/"):
        if segment.startswith("{") and segment[1:-1] in values:
            name = segment[1:-1]
            own = normal(name)
            if own in _GENERIC and before:
                own = normal(singular(before)) + own
            if own not in _GENERIC:
                names[own] = values[name]
        else:
            before = segment
    return names


def lists_in(schemas: Schemas, schema: Any, steps: tuple[str, ...] = ()) -> Iterator[Spot]:
    """The lists of objects in a body, outermost first."""
    flat = schemas.flat(schema).schema
    if "items" in flat:
        if _is_object(schemas.flat(flat["items"]).schema):
            yield Spot(steps, flat["items"])
    elif len(steps) < _DEEPEST_LIST:
        for name, member in flat.get("properties", {}).items():
            yield from lists_in(schemas, member, (*steps, name))


def things_in(schemas: Schemas, schema: Any) -> Iterator[Spot]:
    """Where one thing may stand in a body: the body itself, or one member of it (`{"account": {…}}`)."""
    flat = schemas.flat(schema).schema
    yield Spot((), schema)
    for name, member in flat.get("properties", {}).items():
        if _is_object(schemas.flat(member).schema):
            yield Spot((name,), member)


def thing_spot(schemas: Schemas, schema: Any, listed: Any, collection: Collection) -> Spot:
    """Where the item operation's thing stands: what is most like the items of the list."""
    spots = list(things_in(schemas, schema))
    if listed is not None:
        return max(spots, key=lambda spot: likeness(schemas, spot.schema, listed))
    named = [spot for spot in spots if identity(schemas, spot.schema, collection) is not None]
    return named[0] if named else spots[0]


def likeness(schemas: Schemas, one: Any, two: Any) -> int:
    """How many properties two schemas share; all of them and more if they are the same."""
    first, second = schemas.flat(one), schemas.flat(two)
    if first.references & second.references or first.schema == second.schema:
        return 1_000_000
    return len(first.schema.get("properties", {}).keys() & second.schema.get("properties", {}).keys())


def identity(schemas: Schemas, schema: Any, collection: Collection) -> str | None:
    """The property that holds a thing's id, or None."""
    properties = schemas.flat(schema).schema.get("properties", {})
    by_name = {normal(name): name for name in properties}
    noun = normal(collection.noun)
    own = normal(collection.parameter)
    wanted = ["id", noun + "id", own] if own in _GENERIC else [own, noun + "id", "id"]
    for name in (*wanted, own, "resourceid", "uuid", "identifier", noun + "number", "number", "key", "code"):
        if name in by_name and _is_scalar(schemas.flat(properties[by_name[name]]).schema):
            return str(by_name[name])
    return None


def identifiers(schemas: Schemas, demands: list[Any], seed: str, noun: str, count: int) -> list[str]:
    """`count` different ids as texts, each satisfying every schema of `demands` (the property's, the parameter's)."""
    made: list[str] = []
    flats = [schemas.flat(demand).schema for demand in demands] or [{"type": "string"}]
    for attempt in range(count * _ATTEMPTS):
        if len(made) == count:
            break
        flat = flats[attempt % len(flats)]
        example = flat.get("example")
        if attempt < len(flats) and isinstance(example, str | int) and not isinstance(example, bool):
            text = str(example)
        elif isinstance(flat.get("enum"), list):
            text = str(flat["enum"][attempt % max(len(flat["enum"]), 1)])
        else:
            text = str(make_identifier(flat, Draw(f"{seed}|{attempt}"), noun))
        is_fitting = all(fitted_identifier(schemas, demand, text) is not ABSENT for demand in demands)
        if text not in made and is_fitting and not set(text) & set("/?#% "):
            made.append(text)
    return made


def _is_object(flat: Mapping[str, Any]) -> bool:
    kind = flat.get("type")
    return kind == "object" or "properties" in flat or (isinstance(kind, list) and "object" in kind)


def _is_scalar(flat: Mapping[str, Any]) -> bool:
    return not _is_object(flat) and "items" not in flat and kind_of(flat) not in {"array", "boolean"}
