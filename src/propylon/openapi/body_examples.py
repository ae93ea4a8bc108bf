"""An example body for an operation that takes one (OpenAPI 3.0.3, "Request Body Object")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from propylon.openapi.described import Described, MockOperation, is_json
from propylon.openapi.generate import Generator
from propylon.openapi.schema_facts import ABSENT

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_BOUNDARY = "example-boundary"


@dataclass(frozen=True, slots=True)
class ExampleBody:
    media_type: str  # as the header Content-Type says it
    text: str
    is_required: bool
    description: str

    @property
    def is_json(self) -> bool:
        return is_json(self.media_type)


def example_body(described: Described, operation: MockOperation) -> ExampleBody | None:
    """None if the operation takes no body."""
    node = described.schemas.resolve(operation.description.get("requestBody"))
    if not isinstance(node, dict) or not isinstance(node.get("content"), dict) or not node["content"]:
        return None
    media_type, content = _chosen(node["content"])
    value = _value(described, operation, content)
    text, media_type = _written(value, media_type)
    return ExampleBody(
        media_type=media_type,
        text=text,
        is_required=node.get("required") is True,
        description=str(node.get("description") or "").strip(),
    )


def _chosen(contents: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """JSON if there is JSON, else a form, else whatever comes first."""

    def rank(media_type: str) -> int:
        return 0 if is_json(media_type) else 1 if _bare(media_type) == FORM else 2

    media_type = min(contents, key=rank)
    return media_type, contents[media_type] or {}


def _value(described: Described, operation: MockOperation, content: Mapping[str, Any]) -> Any:
    """The document's own example as it stands, even where the schema would refuse it: its author knows better."""
    given = described.media_example(content)
    if given is not ABSENT:
        return given
    seed = f"{operation.method} {operation.path}|body"
    return Generator(described.schemas, is_request=True).value(content.get("schema", {}), seed)


def _written(value: Any, media_type: str) -> tuple[str, str]:
    """(the body's text, its media type without wildcards)."""
    bare = _bare(media_type)
    if is_json(media_type):
        return json.dumps(value, ensure_ascii=False, indent=2), "application/json" if "*" in bare else media_type
    if isinstance(value, str):
        return value, "text/plain" if "*" in bare else media_type
    if bare == FORM and isinstance(value, dict):
        return urlencode({name: _plain(item) for name, item in value.items()}), FORM
    if bare == MULTIPART and isinstance(value, dict):
        return _multipart(value), f"{MULTIPART}; boundary={_BOUNDARY}"
    return "", media_type


def _multipart(value: Mapping[str, Any]) -> str:
    """RFC 7578 section 4.2; names are percent-encoded where they hold more than letters would."""
    parts = []
    for name, item in value.items():
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"\r\n\r\n{_plain(item)}\r\n')
    return "".join(parts) + f"--{_BOUNDARY}--\r\n"


def _plain(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def _bare(media_type: str) -> str:
    return media_type.split(";", maxsplit=1)[0].strip().lower()
