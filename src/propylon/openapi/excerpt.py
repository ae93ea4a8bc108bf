"""The part of a document that one operation needs: large documents take long to read, one page shows little of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from propylon.openapi.references import UnknownReferenceError, look_up, references, resolve, steps_of

_BESIDE_METHODS = ("parameters", "summary", "description")


def excerpt(document: Mapping[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """A document with this operation only, and whatever it refers to; None if there is no such operation."""
    whole = dict(document)
    item = resolve(whole, document["paths"].get(path))
    name = method.lower()
    if not isinstance(item, dict) or name not in item:
        return None
    kept = {key: item[key] for key in (*_BESIDE_METHODS, name) if key in item}
    small: dict[str, Any] = {"openapi": document.get("openapi"), "info": document.get("info"), "paths": {path: kept}}
    responses = item[name].get("responses")
    # The response "default" has the name of a schema's keyword for data, in which no reference counts.
    needed = _needed(whole, [kept, *(responses.values() if isinstance(responses, dict) else ())])
    ours = {id(small), id(small["paths"])}  # containers that may be written to: all others belong to the document
    for reference in sorted(needed, key=lambda each: len(steps_of(each))):
        _put(small, steps_of(reference), needed[reference], ours)
    return small


def _needed(document: dict[str, Any], nodes: list[Any]) -> dict[str, Any]:
    """Every reference below these, and below what they name, with what it names."""
    found: dict[str, Any] = {}
    waiting = list(nodes)
    while waiting:
        for _, reference in references(waiting.pop()):
            if reference in found:
                continue
            try:
                found[reference] = look_up(document, reference)
            except UnknownReferenceError:
                continue
            waiting.append(found[reference])
    return found


def _put(small: dict[str, Any], steps: list[str], node: Any, ours: set[int]) -> None:
    """Shorter references come first, so that a place that is not ours holds what the longer one names, too."""
    place = small
    for step in steps[:-1]:
        if step not in place:
            place[step] = {}
            ours.add(id(place[step]))
        place = place[step]
        if id(place) not in ours:
            return
    place.setdefault(steps[-1], node)
