"""Ways to break what the compiler gave out. Each edit changes the decoded resources of one file in place.

An edit that finds nothing to change changes nothing; the run reports such a mutant as stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from propylon.gateway.envoy_types import RBAC

Json = dict[str, Any]
Edit = Callable[[Any], None]


def objects(node: Any) -> Iterator[Json]:
    """Every object of a JSON tree, outer before inner."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(inner)


def named(node: Any, name: str) -> Iterator[Json]:
    return (each for each in objects(node) if each.get("name") == name)


def within(name: str, edit: Edit) -> Edit:
    """The edit, inside what has this name alone."""

    def change(node: Any) -> None:
        for each in list(named(node, name)):
            edit(each)

    return change


def put(key: str, value: Any) -> Edit:
    """Every field of this name gets the value."""

    def change(node: Any) -> None:
        for each in list(objects(node)):
            if key in each:
                each[key] = value

    return change


def drop(key: str) -> Edit:
    """Every field of this name goes."""

    def change(node: Any) -> None:
        for each in list(objects(node)):
            each.pop(key, None)

    return change


def leave_out(key: str, unwanted: Callable[[Any], bool]) -> Edit:
    """What is unwanted goes from every list (or map) of this name."""

    def change(node: Any) -> None:
        for each in list(objects(node)):
            found = each.get(key)
            if isinstance(found, list):
                each[key] = [item for item in found if not unwanted(item)]
            elif isinstance(found, dict):
                each[key] = {name: item for name, item in found.items() if not unwanted(name)}

    return change


def both(*edits: Edit) -> Edit:
    def change(node: Any) -> None:
        for edit in edits:
            edit(node)

    return change


def without_filter(name: str) -> Edit:
    return leave_out("http_filters", lambda item: item["name"] == name)


def without_rules(node: Any) -> None:
    """An RBAC filter that came by file, without anything to say: Envoy lets everything pass."""
    node[0]["typed_config"] = {"@type": RBAC}


def allowed(details: str) -> Edit:
    """What was refused under this name is allowed."""

    def change(node: Any) -> None:
        for each in named(node, details):
            if each.get("action") == "DENY":
                each["action"] = "ALLOW"

    return change


def without_header(key: str, name: str) -> Edit:
    """A list of mutations without those of one header, whether they remove or write it."""

    def of(item: Json) -> str:
        if "remove_on_match" in item:
            return str(item["remove_on_match"]["key_matcher"]["prefix"])
        written = item.get("append", item).get("header", {}).get("key", "")
        return str(item.get("remove") or written)

    return leave_out(key, lambda item: of(item).lower() == name.lower())


def without_route(name: str, where: Callable[[Json], bool] = lambda _: True) -> Edit:
    """`where` looks at the route's match."""
    return leave_out("routes", lambda route: route.get("name") == name and where(route["match"]))


def with_route(name: str, edit: Edit) -> Edit:
    """The edit on routes of this name, or whose name ends so."""

    def change(node: Any) -> None:
        for each in list(objects(node)):
            for route in each.get("routes", ()) if isinstance(each.get("routes"), list) else ():
                if str(route.get("name", "")).endswith(name):
                    edit(route)

    return change


def as_text(old: str, new: str) -> Edit:
    """Another text wherever this one stands, whole or in part."""

    def change(node: Any) -> None:
        for each in list(objects(node)):
            for key, value in each.items():
                if isinstance(value, str):
                    each[key] = value.replace(old, new)
                elif isinstance(value, list):
                    each[key] = [item.replace(old, new) if isinstance(item, str) else item for item in value]

    return change
