"""What a document says of its operations' answers, looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from propylon.openapi.api import METHODS
from propylon.openapi.schema_facts import ABSENT
from propylon.openapi.schemas import Schemas


@dataclass(frozen=True, slots=True)
class MockOperation:
    method: str  # upper case
    path: str  # the template
    description: Mapping[str, Any] = field(repr=False)
    path_item: Mapping[str, Any] = field(repr=False)

    @property
    def responses(self) -> dict[str, Any]:
        return {status: response for status, response in self.description["responses"].items() if status[:2] != "x-"}


class Described:
    """The operations of a document that `read_api` has accepted."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.schemas = Schemas(document)
        self.operations: dict[str, dict[str, MockOperation]] = {}
        for path, node in self.schemas.document["paths"].items():
            if path.startswith("/"):
                item = self.schemas.resolve(node)
                self.operations[path] = {
                    method.upper(): MockOperation(method.upper(), path, item[method], item)
                    for method in METHODS
                    if method in item
                }

    def list_at(self, path: str) -> MockOperation | None:
        return self.operations.get(path, {}).get("GET")

    def item_below(self, path: str) -> MockOperation | None:
        """The operation that reads one item of the list at `path`."""
        for template, operations in self.operations.items():
            parent, _, last = template.rpartition("/")
            if parent == path.rstrip("/") and is_parameter(last) and "GET" in operations:
                return operations["GET"]
        return None

    def parameter_schema(self, operation: MockOperation, name: str) -> Any:
        for source in (operation.description, operation.path_item):
            for parameter in source.get("parameters") or ():
                resolved = self.schemas.resolve(parameter)
                if resolved.get("in") == "path" and resolved.get("name") == name:
                    return resolved.get("schema", {})
        return {}

    def success(self, operation: MockOperation) -> str:
        """The lowest 2xx, one with JSON before one without; else `default`, else whatever is described."""
        statuses = list(operation.responses)
        if "default" in statuses and not any(status.startswith("2") for status in statuses):
            return "default"

        def rank(status: str) -> tuple[bool, bool, str]:
            media_type, _ = content_of(self.schemas.resolve(operation.responses[status]))
            return not status.startswith("2"), not is_json(media_type), status

        return min(statuses, key=rank)

    def success_schema(self, operation: MockOperation) -> Any:
        """The JSON schema of the success, None if it has no JSON."""
        response = self.schemas.resolve(operation.responses[self.success(operation)])
        media_type, content = content_of(response)
        return content.get("schema") if is_json(media_type) else None

    def media_example(self, content: Mapping[str, Any]) -> Any:
        """The example of a whole body, or `ABSENT`."""
        if "example" in content:
            return content["example"]
        for example in (content.get("examples") or {}).values():
            resolved = self.schemas.resolve(example)
            if isinstance(resolved, dict) and "value" in resolved:
                return resolved["value"]
        return ABSENT


def is_parameter(segment: str) -> bool:
    """Is the whole segment one parameter?"""
    return segment.startswith("{") and segment.find("}") == len(segment) - 1


def is_json(media_type: str) -> bool:
    name = media_type.split(";", maxsplit=1)[0].strip().lower()
    return name in {"application/json", "*/*", "application/*"} or name.endswith("+json")


def content_of(response: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """JSON if there is JSON, else the first media type, else nothing."""
    content = response.get("content") or {}
    for media_type in sorted(content, key=lambda media_type: not is_json(media_type)):
        return media_type, content[media_type] or {}
    return "", {}
