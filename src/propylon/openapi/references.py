"""Local references (`$ref`, RFC 6901): resolved lazily, checked all at once, safe against cycles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from propylon.openapi.mistakes import Mistake, pointer

# What stands below these is data of the user's, not part of the description.
DATA_KEYWORDS = frozenset({"example", "default", "enum", "const"})
# Below these, keys are what the author chose: a response `default`, a schema `example`.
_KEYED_BY_NAME = frozenset(
    {
        "properties",
        "patternProperties",
        "$defs",
        "mapping",
        "scopes",
        "responses",
        "schemas",
        "headers",
        "requestBodies",
    }
)
_COMPOSING = ("allOf", "anyOf", "oneOf")


class UnknownReferenceError(LookupError):
    """A reference that leads nowhere; its argument is the reason."""


def steps_of(reference: str) -> list[str]:
    """`#/a/b~1c` as ["a", "b/c"]."""
    if not reference.startswith("#"):
        raise UnknownReferenceError(f"{reference!r} leads out of this document; put what it names into this document")
    if reference == "#":
        return []
    if not reference.startswith("#/"):
        raise UnknownReferenceError(f"{reference!r} is no JSON pointer; write it as '#/components/…'")
    return [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/")]


def look_up(document: dict[str, Any], reference: str) -> Any:
    """What the reference names, or `UnknownReferenceError`."""
    place: Any = document
    for step in steps_of(reference):
        if isinstance(place, dict) and step in place:
            place = place[step]
        elif isinstance(place, list) and step.isdecimal() and int(step) < len(place):
            place = place[int(step)]
        else:
            raise UnknownReferenceError(f"{reference!r} names nothing in this document")
    return place


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Follows `$ref` until something else stands there."""
    seen: set[str] = set()
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in seen:
            raise UnknownReferenceError(f"{reference!r} refers to itself")
        seen.add(reference)
        node = look_up(document, reference)
    return node


def references(node: Any, steps: tuple[object, ...] = (), *, named: bool = False) -> Iterator[tuple[str, str]]:
    """Every (place, reference). `named`: the keys here are names that the author chose, so none is a keyword."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from references(item, (*steps, index))
        return
    if not isinstance(node, dict):
        return
    if not named and isinstance(node.get("$ref"), str):
        yield pointer(*steps, "$ref"), node["$ref"]
    for key, item in node.items():
        if not named and (key in DATA_KEYWORDS or key.startswith("x-")):
            continue
        if key == "value" and len(steps) > 1 and steps[-2] == "examples":
            continue
        keys_are_names = not named and key in _KEYED_BY_NAME
        yield from references(item, (*steps, key), named=keys_are_names)


def reference_mistakes(document: dict[str, Any]) -> list[Mistake]:
    """References that lead nowhere, and those that only lead back to themselves."""
    mistakes = []
    verdicts: dict[str, str] = {}
    for place, reference in references(document):
        if reference not in verdicts:
            verdicts[reference] = _verdict(document, reference)
        if verdicts[reference]:
            mistakes.append(Mistake(place, verdicts[reference]))
    return mistakes


def _verdict(document: dict[str, Any], reference: str) -> str:
    try:
        look_up(document, reference)
    except UnknownReferenceError as error:
        return str(error)
    return f"{reference!r} refers to itself without end" if _is_endless(document, reference, reference, set()) else ""


def _is_endless(document: dict[str, Any], start: str, reference: str, seen: set[str]) -> bool:
    """Does the reference come back to itself without passing a property or an item?"""
    if reference in seen:
        return False
    seen.add(reference)
    try:
        node = look_up(document, reference)
    except UnknownReferenceError:
        return False
    followings = list(_same_level(node))
    return start in followings or any(_is_endless(document, start, following, seen) for following in followings)


def _same_level(node: Any) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for keyword in _COMPOSING:
        members = node.get(keyword)
        for member in members if isinstance(members, list) else ():
            yield from _same_level(member)
    yield from _same_level(node.get("not"))
