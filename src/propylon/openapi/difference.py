"""What changed between two documents of one API: operations, scopes, parameters, bodies, responses, schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.api import Api, ApiOperation
from propylon.openapi.change import REQUEST, RESPONSE, Change, merged
from propylon.openapi.mistakes import pointer
from propylon.openapi.paths import names_of, shape
from propylon.openapi.read import api_of
from propylon.openapi.references import resolve
from propylon.openapi.schema_difference import Placed, SchemaComparison
from propylon.openapi.schemas import json_schema_document

_VERSION_STEP = re.compile(r"^/v[0-9]+(?=/)")
_Key = tuple[str, str]
_Found = Iterator[tuple[str, Change]]


@dataclass(frozen=True, slots=True)
class Difference:
    """`changes` has those that break first, then in the order of the documents."""

    changes: tuple[Change, ...]

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Difference:
        return cls(tuple(sorted(changes, key=lambda change: not change.is_breaking)))

    @property
    def is_breaking(self) -> bool:
        return any(change.is_breaking for change in self.changes)

    @property
    def breaking(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_breaking)

    @property
    def harmless(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.is_breaking)

    @property
    def operations(self) -> tuple[str, ...]:
        """Those that changed in any way, such as "GET /accounts"."""
        return tuple(dict.fromkeys(name for change in self.changes for name in change.operations))


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Of two documents that `read_api` has accepted.

    Operations are the same if method and path are, whatever the names of the path's parameters, and whatever version
    the path begins with.
    """
    return Difference.of(merged(_Comparison(api_of(dict(before)), api_of(dict(after))).changes()))


def operation_key(method: str, path: str) -> _Key:
    """What makes an operation the same in two versions."""
    return method.upper(), shape(_VERSION_STEP.sub("", path))


@dataclass(frozen=True, slots=True)
class _Side:
    """One document: as it stands, and with its schemas in JSON Schema's words (the places are the same)."""

    api: Api
    document: dict[str, Any]

    def item(self, operation: ApiOperation) -> dict[str, Any]:
        found = resolve(self.document, self.document["paths"][operation.path])
        return found if isinstance(found, dict) else {}

    def parameters(self, operation: ApiOperation) -> dict[tuple[str, str], tuple[dict[str, Any], str]]:
        """(in, name) to the parameter and its place; those of a path by their position in it."""
        found = {}
        base = pointer("paths", operation.path)
        names = names_of(operation.path)
        for source, place in ((self.item(operation), base), (self.described(operation), _place(operation))):
            for number, listed in enumerate(source.get("parameters") or ()):
                node = resolve(self.document, listed)
                if not isinstance(node, dict):
                    continue
                name, location = str(node.get("name")), str(node.get("in"))
                if location == "path" and name in names:
                    name = str(names.index(name))
                elif location == "header":
                    name = name.lower()
                found[location, name] = (node, f"{place}/parameters/{number}")
        return found

    def described(self, operation: ApiOperation) -> dict[str, Any]:
        return dict(self.item(operation)[operation.method.lower()])


class _Comparison:
    def __init__(self, before: Api, after: Api) -> None:
        self.before = _Side(before, json_schema_document(before.document))
        self.after = _Side(after, json_schema_document(after.document))
        self.schemas = SchemaComparison(self.before.document, self.after.document)

    def changes(self) -> _Found:
        old = {operation_key(each.method, each.path): each for each in self.before.api.operations}
        new = {operation_key(each.method, each.path): each for each in self.after.api.operations}
        for key, operation in old.items():
            if key not in new:
                yield _name(operation), Change("operation.removed", _place(operation), _name(operation))
        for key, operation in new.items():
            if key not in old:
                yield _name(operation), Change("operation.added", _place(operation), _name(operation))
                continue
            for change in self._operation(old[key], operation):
                yield _name(operation), change

    def _operation(self, old: ApiOperation, new: ApiOperation) -> Iterator[Change]:
        place = _place(new)
        if old.is_deprecated != new.is_deprecated:
            code = "operation.deprecated" if new.is_deprecated else "operation.revived"
            yield Change(code, f"{place}/deprecated", _name(new))
        for scope in sorted(set(new.scopes) - set(old.scopes)):
            yield Change("scope.added", f"{place}/security", scope)
        for scope in sorted(set(old.scopes) - set(new.scopes)):
            yield Change("scope.removed", f"{_place(old)}/security", scope)
        yield from self._parameters(old, new)
        one, other = self.before.described(old), self.after.described(new)
        if one.get("operationId") != other.get("operationId") and one.get("operationId"):
            names = str(one["operationId"]), str(other.get("operationId") or "")
            yield Change("operation.renamed", f"{place}/operationId", _name(new), *names)
        if (one.get("summary"), one.get("description")) != (other.get("summary"), other.get("description")):
            yield Change("operation.described", place, _name(new))
        yield from self._body(one, other, _place(old), place)
        yield from self._responses(one.get("responses"), other.get("responses"), _place(old), place)

    def _parameters(self, old: ApiOperation, new: ApiOperation) -> Iterator[Change]:
        before, after = self.before.parameters(old), self.after.parameters(new)
        for key, (node, place) in before.items():
            if key not in after:
                yield Change("parameter.removed", place, str(node.get("name")), direction=REQUEST)
        for key, (node, place) in after.items():
            name, is_required = str(node.get("name")), node.get("required") is True
            if key not in before:
                code = "parameter.added_required" if is_required else "parameter.added"
                yield Change(code, place, name, direction=REQUEST)
                continue
            known, known_place = before[key]
            if (known.get("required") is True) != is_required:
                code = "parameter.required" if is_required else "parameter.optional"
                yield Change(code, place, name, direction=REQUEST)
            yield from self._schemas(known, node, known_place, place, REQUEST)

    def _body(self, old: dict[str, Any], new: dict[str, Any], old_place: str, new_place: str) -> Iterator[Change]:
        one = resolve(self.before.document, old.get("requestBody"))
        other = resolve(self.after.document, new.get("requestBody"))
        place = f"{new_place}/requestBody"
        if not isinstance(one, dict) or not isinstance(other, dict):
            if isinstance(other, dict):
                code = "body.added_required" if other.get("required") is True else "body.added"
                yield Change(code, place, direction=REQUEST)
            elif isinstance(one, dict):
                yield Change("body.removed", f"{old_place}/requestBody", direction=REQUEST)
            return
        if (one.get("required") is True) != (other.get("required") is True):
            code = "body.required" if other.get("required") is True else "body.optional"
            yield Change(code, place, direction=REQUEST)
        yield from self._contents(one, other, f"{old_place}/requestBody", place, REQUEST)

    def _responses(self, old: Any, new: Any, old_place: str, new_place: str) -> Iterator[Change]:
        before, after = _answers(old), _answers(new)
        for status in before:
            if status not in after:
                yield Change("response.removed", f"{old_place}/responses/{status}", status, direction=RESPONSE)
        for status in after:
            place = f"{new_place}/responses/{status}"
            if status not in before:
                yield Change("response.added", place, status, direction=RESPONSE)
                continue
            one, other = resolve(self.before.document, before[status]), resolve(self.after.document, after[status])
            if isinstance(one, dict) and isinstance(other, dict):
                yield from _headers(one, other, f"{old_place}/responses/{status}", place)
                yield from self._contents(one, other, f"{old_place}/responses/{status}", place, RESPONSE)

    def _contents(
        self, old: dict[str, Any], new: dict[str, Any], old_place: str, new_place: str, direction: str
    ) -> Iterator[Change]:
        before, after = _mapped(old.get("content")), _mapped(new.get("content"))
        for media_type in before:
            place = f"{old_place}/content/{media_type.replace('/', '~1')}"
            if media_type not in after:
                yield Change("content.removed", place, media_type, direction=direction)
        for media_type, content in after.items():
            place = f"{new_place}/content/{media_type.replace('/', '~1')}"
            if media_type not in before:
                yield Change("content.added", place, media_type, direction=direction)
                continue
            known = f"{old_place}/content/{media_type.replace('/', '~1')}"
            yield from self._schemas(before[media_type] or {}, content or {}, known, place, direction)

    def _schemas(
        self, old: dict[str, Any], new: dict[str, Any], old_place: str, new_place: str, direction: str
    ) -> Iterator[Change]:
        one, other = Placed(old.get("schema"), f"{old_place}/schema"), Placed(new.get("schema"), f"{new_place}/schema")
        yield from self.schemas.changes(one, other, direction)


def _headers(old: dict[str, Any], new: dict[str, Any], old_place: str, new_place: str) -> Iterator[Change]:
    before = {name.lower(): name for name in _mapped(old.get("headers"))}
    after = {name.lower(): name for name in _mapped(new.get("headers"))}
    for key, name in before.items():
        if key not in after:
            yield Change("header.removed", f"{old_place}/headers/{name}", name, direction=RESPONSE)
    for key, name in after.items():
        if key not in before:
            yield Change("header.added", f"{new_place}/headers/{name}", name, direction=RESPONSE)


def _answers(node: Any) -> dict[str, Any]:
    return {str(status): answer for status, answer in _mapped(node).items() if not str(status).startswith("x-")}


def _mapped(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _name(operation: ApiOperation) -> str:
    return f"{operation.method} {operation.path}"


def _place(operation: ApiOperation) -> str:
    return pointer("paths", operation.path, operation.method.lower())
