"""Reads an OpenAPI 3.0 or 3.1 or Swagger 2.0 document and reports every mistake with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from propylon.openapi.access import access_rules
from propylon.openapi.api import METHODS, Api, ApiOperation, generated_operation_id, version_name, version_segment
from propylon.openapi.mistakes import DocumentRejectedError, Mistake, pointer
from propylon.openapi.paths import names_of, shape, template_mistakes
from propylon.openapi.references import UnknownReferenceError, reference_mistakes, resolve
from propylon.openapi.repair import repaired
from propylon.openapi.security import Schemes
from propylon.openapi.structure import OPENAPI, SWAGGER, Structure
from propylon.openapi.swagger2 import from_swagger, is_swagger, place_in_swagger
from propylon.openapi.text import read_text
from propylon.openapi.unusual import unusual

MAX_PATH = 400  # characters of a path template that the catalogue can hold
MAX_OPERATION_ID = 160


def read_api(text: str) -> Api:
    """The API that the text describes, or `DocumentRejectedError` with all of its mistakes.

    Its document is one of OpenAPI 3, mended where the text had mistakes of one meaning; `notes` tell what was done.
    """
    document = read_text(text)
    if is_swagger(document):
        return _from_swagger(document)
    notes = [*_structured(document, OPENAPI), *repaired(document)]
    api = api_of(document)
    return replace(api, notes=(*notes, *unusual(document)))


def _structured(document: dict[str, Any], table: Mapping[str, Mapping[str, str]]) -> list[Mistake]:
    """What was mended so that each value is of the kind that belongs there."""
    structure = Structure(table)
    structure.check(document)
    if structure.mistakes:
        raise DocumentRejectedError(structure.mistakes)
    return structure.notes


def _from_swagger(document: dict[str, Any]) -> Api:
    """Places are those of the Swagger document, except within bodies and answers, which stand elsewhere in it."""
    notes = [Mistake("#/swagger", "Swagger 2.0 is kept and shown as OpenAPI 3.0"), *_structured(document, SWAGGER)]
    document = from_swagger(document)
    notes += repaired(document)
    try:
        api = api_of(document)
    except DocumentRejectedError as rejected:
        raise DocumentRejectedError(_in_swagger(rejected.mistakes)) from None
    return replace(api, notes=_in_swagger([*notes, *unusual(document)]))


def _in_swagger(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    return tuple(replace(mistake, place=place_in_swagger(mistake.place)) for mistake in mistakes)


def api_of(document: dict[str, Any]) -> Api:
    """Of an OpenAPI 3 document that is already JSON values, and has no mistake left to mend."""
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.mistakes: list[Mistake] = []
        self.schemes: Schemes
        self.operation_ids: dict[str, str] = {}  # id: where it was first seen
        self.shapes: dict[str, str] = {}

    def read(self) -> Api:
        self._check_version()
        self.mistakes += reference_mistakes(self.document)
        if any("refers to itself" in mistake.reason for mistake in self.mistakes):
            raise DocumentRejectedError(self.mistakes)  # nothing below may be resolved
        title, version, description = self._info()
        self.schemes = self._schemes()
        paths = self._paths()
        operations = self._named([operation for path in paths for operation in self._operations(path, paths[path])])
        if not operations and not self.mistakes:
            self.mistakes.append(Mistake("#/paths", "no operation is described here"))
        if self.mistakes:
            raise DocumentRejectedError(self.mistakes)
        segment = version_segment(paths)
        used = {scope: scope for operation in operations for scope in operation.scopes}
        return Api(
            document=self.document,
            title=title,
            description=description,
            version=segment or version_name(version),
            paths_begin_with_version=bool(segment),
            operations=tuple(operations),
            scopes=used | self.schemes.scopes,
        )

    def _wrong(self, place: str, reason: str) -> None:
        self.mistakes.append(Mistake(place, reason))

    def _resolved(self, node: Any) -> Any:
        """What stands behind a reference; None when it leads nowhere, which is reported elsewhere."""
        try:
            return resolve(self.document, node)
        except UnknownReferenceError:
            return None

    def _check_version(self) -> None:
        version = self.document.get("openapi")
        if "swagger" in self.document:
            self._wrong("#/swagger", "of Swagger only 2.0 is read; it says so as a text, '2.0'")
        elif not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
            self._wrong("#/openapi", "must say the version of OpenAPI as a text, '3.0.3' or another of 3.0 and 3.1")

    def _info(self) -> tuple[str, str, str]:
        info = self.document.get("info")
        if not isinstance(info, dict):
            self._wrong("#/info", "is missing; it needs a title and a version")
            return "", "", ""
        for key in ("title", "version"):
            if not isinstance(info.get(key), str) or not info[key].strip():
                number = " (put the number in quotes)" if isinstance(info.get(key), int | float) else ""
                self._wrong(f"#/info/{key}", f"is missing or no text{number}")
        return str(info.get("title", "")), str(info.get("version", "")), str(info.get("description") or "")

    def _schemes(self) -> Schemes:
        try:
            return Schemes(self.document, self.mistakes)
        except UnknownReferenceError:
            return Schemes({}, self.mistakes)

    def _paths(self) -> dict[str, Any]:
        paths = self.document.get("paths")
        if not isinstance(paths, dict):
            only = " (webhooks alone cannot be published)" if "webhooks" in self.document else ""
            self._wrong("#/paths", f"is missing; it needs at least one path{only}")
            return {}
        items = {}
        for path, item in paths.items():
            place = pointer("paths", path)
            if path.startswith("x-"):
                continue
            reasons = template_mistakes(path)
            if len(path) > MAX_PATH:
                reasons.append(f"the path is longer than {MAX_PATH} characters")
            if shape(path) in self.shapes:
                reasons.append(f"cannot be told from the path {self.shapes[shape(path)]!r}")
            self.shapes.setdefault(shape(path), path)
            resolved = self._resolved(item)
            if not isinstance(resolved, dict):
                reasons.append("must be a mapping of methods to operations")
            else:
                items[path] = resolved
            for reason in reasons:
                self._wrong(place, reason)
        return items

    def _operations(self, path: str, item: dict[str, Any]) -> Iterator[tuple[ApiOperation, bool]]:
        if "trace" in item:
            self._wrong(pointer("paths", path, "trace"), "TRACE is not carried by the gateway; leave it out")
        for method in METHODS:
            if method not in item:
                continue
            place, operation = pointer("paths", path, method), item[method]
            if not isinstance(operation, dict):
                self._wrong(place, "must be a mapping")
                continue
            self._check_parameters(path, place, [*_listed(item), *_listed(operation)])
            responses = operation.get("responses")
            if not isinstance(responses, dict) or not responses:
                self._wrong(place + "/responses", "is missing; an operation names at least one response")
            identifier = operation.get("operationId")
            has_own = isinstance(identifier, str) and bool(identifier.strip())
            name = str(identifier) if has_own else generated_operation_id(method, path)
            if has_own:
                self._check_operation_id(name, place)
            security = operation.get("security", self.document.get("security"))
            where = place + "/security" if "security" in operation else "#/security"
            summary = str(operation.get("summary") or "").strip()
            scopes = self.schemes.needed(security, where)
            is_deprecated = operation.get("deprecated") is True
            access = access_rules(operation, place, self._wrong)
            tag = _tag(operation)
            yield ApiOperation(name, method.upper(), path, summary, scopes, tag, is_deprecated, access), has_own

    def _check_operation_id(self, identifier: str, place: str) -> None:
        where = place + "/operationId"
        if identifier in self.operation_ids:
            self._wrong(where, f"{identifier!r} is also the id of {self.operation_ids[identifier]}")
        elif len(identifier) > MAX_OPERATION_ID:
            self._wrong(where, f"is longer than {MAX_OPERATION_ID} characters")
        self.operation_ids.setdefault(identifier, place)

    def _check_parameters(self, path: str, place: str, parameters: list[Any]) -> None:
        resolved = [self._resolved(parameter) for parameter in parameters]
        if any(parameter is None for parameter in resolved):
            return  # the reference is reported; what it would have declared is unknown
        declared = {
            str(parameter.get("name")): parameter
            for parameter in resolved
            if isinstance(parameter, dict) and parameter.get("in") == "path"
        }
        names = names_of(path)
        for name in names:
            if name not in declared:
                self._wrong(place, f"the path parameter {name!r} is not declared")
        for name, parameter in declared.items():
            if name not in names:
                self._wrong(place, f"the path parameter {name!r} is declared, but the path does not hold it")
            elif parameter.get("required") is not True:
                self._wrong(place, f"the path parameter {name!r} must say 'required: true'")

    def _named(self, found: list[tuple[ApiOperation, bool]]) -> list[ApiOperation]:
        """Generated ids give way to those of the document."""
        taken = set(self.operation_ids)
        operations = []
        for operation, has_own in found:
            name = operation.operation_id
            if not has_own:
                name = _free_name(name[: MAX_OPERATION_ID - 8], taken)
                taken.add(name)
            operations.append(replace(operation, operation_id=name))
        return operations


def _listed(node: dict[str, Any]) -> list[Any]:
    parameters = node.get("parameters")
    return parameters if isinstance(parameters, list) else []


def _tag(operation: dict[str, Any]) -> str:
    tags = operation.get("tags")
    return str(tags[0]).strip() if isinstance(tags, list) and tags else ""


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate
