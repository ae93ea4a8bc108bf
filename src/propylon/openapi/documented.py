"""One operation of a document, as its page in the documentation shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.body_examples import ExampleBody
from propylon.openapi.described import Described, is_json
from propylon.openapi.examples import LOCATIONS, ExampleRequest, Examples
from propylon.openapi.excerpt import excerpt
from propylon.openapi.generate import Generator
from propylon.openapi.references import resolve
from propylon.openapi.schema_facts import ABSENT
from propylon.openapi.schema_tree import SchemaNode, SchemaTrees

_LONGEST_EXAMPLE = 20_000  # characters: a page is no download
_MOST_EXAMPLES = 3
_SMALL = 14  # properties


@dataclass(frozen=True, slots=True)
class DocumentedExample:
    """`title` is "" for the only one; `is_given` says that the document's author wrote it."""

    title: str
    text: str
    language: str  # a Pygments lexer's name
    is_given: bool


@dataclass(frozen=True, slots=True)
class DocumentedContent:
    media_type: str
    schema: SchemaNode | None
    examples: tuple[DocumentedExample, ...]


@dataclass(frozen=True, slots=True)
class DocumentedParameter:
    """`location` is path, query, header; `example` is "" where showing one would say nothing."""

    location: str
    schema: SchemaNode
    example: str
    is_deprecated: bool


@dataclass(frozen=True, slots=True)
class DocumentedBody:
    description: str
    is_required: bool
    contents: tuple[DocumentedContent, ...]


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """`status` is "200", "4XX" or "default"."""

    status: str
    description: str
    headers: tuple[SchemaNode, ...]
    contents: tuple[DocumentedContent, ...]

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")

    @property
    def is_small(self) -> bool:
        """Is it short enough to be shown without being asked for?"""
        nodes = [*self.headers, *(content.schema for content in self.contents if content.schema)]
        return sum(node.size for node in nodes) <= _SMALL


@dataclass(frozen=True, slots=True)
class DocumentedOperation:
    method: str
    path: str
    summary: str
    description: str
    is_deprecated: bool
    external_docs: str  # an address, or ""
    parameters: tuple[DocumentedParameter, ...]
    body: DocumentedBody | None
    responses: tuple[DocumentedResponse, ...]
    request: ExampleRequest

    @property
    def success(self) -> DocumentedResponse | None:
        return next((each for each in self.responses if each.is_success), None)

    def parameters_in(self, location: str) -> list[DocumentedParameter]:
        return [each for each in self.parameters if each.location == location]


def documented_operation(document: Mapping[str, Any], method: str, path: str) -> DocumentedOperation | None:
    """The page of the operation with this method (upper case) and path template; None if there is none such."""
    small = excerpt(document, method, path)
    if small is None:
        return None
    return _Documenting(small, method, path).operation()


class _Documenting:
    def __init__(self, document: dict[str, Any], method: str, path: str) -> None:
        self.document = document
        self.item = document["paths"][path]
        self.node: Mapping[str, Any] = self.item[method.lower()]
        self.trees = SchemaTrees(document)
        self.described = Described(document)
        request = Examples(document).request(method, path)
        assert request is not None  # noqa: S101  (the excerpt has it)
        self.request = request

    def operation(self) -> DocumentedOperation:
        outside = self.node.get("externalDocs")
        url = str(outside.get("url") or "") if isinstance(outside, dict) else ""
        return DocumentedOperation(
            method=self.request.method,
            path=self.request.path,
            summary=self.request.summary,
            description=self.request.description,
            is_deprecated=self.node.get("deprecated") is True,
            external_docs=url if url.startswith(("https://", "http://")) else "",
            parameters=tuple(self._parameters()),
            body=self._body(),
            responses=tuple(self._responses()),
            request=self.request,
        )

    def _parameters(self) -> Iterator[DocumentedParameter]:
        examples = {parameter.key: parameter for parameter in self.request.parameters}
        found: dict[tuple[str, str], DocumentedParameter] = {}
        for source in (self.node, self.item):
            for listed in source.get("parameters") or ():
                node = resolve(self.document, listed)
                key = (str(node.get("in")), str(node.get("name")))
                known = examples.get(key)
                if known is None or key in found:
                    continue
                schema = node.get("schema") or _first_schema(node)
                schema = schema if isinstance(schema, dict) else {}
                described = {**(schema if "$ref" not in schema else {"allOf": [schema]})}
                if node.get("description"):
                    described["description"] = node["description"]
                tree = self.trees.tree(described, key[1], is_required=known.is_required)
                example = known.example if known.is_given or key[0] == "path" else ""
                found[key] = DocumentedParameter(key[0], tree, example, node.get("deprecated") is True)
        yield from sorted(
            found.values(), key=lambda each: (LOCATIONS.index(each.location), not each.schema.is_required)
        )

    def _body(self) -> DocumentedBody | None:
        node = resolve(self.document, self.node.get("requestBody"))
        made = self.request.body
        if not isinstance(node, dict) or made is None:
            return None
        contents = tuple(
            DocumentedContent(
                media_type,
                self.trees.tree(content["schema"]) if content.get("schema") else None,
                self._given(content, media_type) or self._made_body(made, media_type),
            )
            for media_type, content in _ordered(node.get("content"))
        )
        return DocumentedBody(str(node.get("description") or "").strip(), made.is_required, contents)

    def _made_body(self, made: ExampleBody, media_type: str) -> tuple[DocumentedExample, ...]:
        if made.media_type.split(";", maxsplit=1)[0] != media_type.split(";", maxsplit=1)[0]:
            return ()
        return (DocumentedExample("", made.text[:_LONGEST_EXAMPLE], _language(media_type), is_given=False),)

    def _responses(self) -> Iterator[DocumentedResponse]:
        has_made = False
        for status, listed in self.node["responses"].items():
            if str(status).startswith("x-"):
                continue
            node = resolve(self.document, listed)
            contents = []
            for media_type, content in _ordered(node.get("content")):
                examples = self._given(content, media_type)
                if not examples and str(status).startswith("2") and not has_made and is_json(media_type):
                    made = self._made_answer(str(status), content.get("schema", {}), media_type)
                    examples, has_made = made, True
                schema = self.trees.tree(content["schema"]) if content.get("schema") else None
                contents.append(DocumentedContent(media_type, schema, examples))
            headers = tuple(self._headers(node.get("headers")))
            yield DocumentedResponse(str(status), str(node.get("description") or "").strip(), headers, tuple(contents))

    def _made_answer(self, status: str, schema: Any, media_type: str) -> tuple[DocumentedExample, ...]:
        seed = f"{self.request.method} {self.request.path}|{status}"
        value = Generator(self.described.schemas).value(schema, seed)
        return (_example("", value, media_type, is_given=False),)

    def _given(self, content: Mapping[str, Any], media_type: str) -> tuple[DocumentedExample, ...]:
        """Those of the content itself; one that its schema gives is told by the generator."""
        if "example" in content:
            return (_example("", content["example"], media_type, is_given=True),)
        found = []
        for name, listed in list((content.get("examples") or {}).items())[:_MOST_EXAMPLES]:
            node = resolve(self.document, listed)
            value = node.get("value", ABSENT) if isinstance(node, dict) else ABSENT
            if value is not ABSENT:
                found.append(_example(str(node.get("summary") or name), value, media_type, is_given=True))
        return tuple(found)

    def _headers(self, headers: Any) -> Iterator[SchemaNode]:
        for name, listed in (headers or {}).items():
            node = resolve(self.document, listed)
            schema = node.get("schema") or {"type": "string"}
            if node.get("description"):
                schema = {"allOf": [schema], "description": node["description"]}
            yield self.trees.tree(schema, name, is_required=node.get("required") is True)


def _first_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Of a parameter that is described by its content."""
    for content in (parameter.get("content") or {}).values():
        return dict(content.get("schema") or {})
    return {}


def _ordered(contents: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """JSON first."""
    found = [(str(name), content or {}) for name, content in (contents or {}).items()]
    return sorted(found, key=lambda each: not is_json(each[0]))


def _example(title: str, value: Any, media_type: str, *, is_given: bool) -> DocumentedExample:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return DocumentedExample(title, text[:_LONGEST_EXAMPLE], _language(media_type), is_given)


def _language(media_type: str) -> str:
    return "json" if is_json(media_type) else "xml" if "xml" in media_type else "text"
