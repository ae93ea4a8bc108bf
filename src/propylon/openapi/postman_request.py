"""One operation as a request of a Postman collection (format v2.1.0).

Texts of a document are put where Postman would read `{{name}}` as a variable, so no pair of braces leaves this module
as it came: an example must not make Postman send somebody's secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from propylon.openapi.body_examples import ExampleBody
from propylon.openapi.examples import ExampleRequest, Parameter
from propylon.openapi.request_address import pairs_of, value_problem

_WHOLE_PARAMETER = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_LANGUAGES = {"application/json": "json", "application/xml": "xml", "text/xml": "xml", "text/html": "html"}


@dataclass(frozen=True, slots=True)
class CollectionOperation:
    """An operation of the version, with its example."""

    name: str
    request: ExampleRequest
    needs_token: bool = True

    @property
    def folder(self) -> str:
        """Its first tag, else the first literal step of its path."""
        if self.request.tags:
            return self.request.tags[0]
        steps = [step for step in self.request.path.split("/") if step and not step.startswith("{")]
        return steps[0] if steps else "Operations"


def request_item(operation: CollectionOperation, base_path: str) -> dict[str, Any]:
    """`base_path` follows the variable base_url: "/accounts/v1"."""
    request = operation.request
    item: dict[str, Any] = {
        "method": request.method,
        "header": [*_headers(request), *([_header("Content-Type", request.body.media_type)] if request.body else [])],
        "url": _url(request, base_path),
        "description": request.description,
    }
    if request.body is not None:
        item["body"] = _body(request.body)
    if not operation.needs_token:
        item["auth"] = {"type": "noauth"}
    return {"name": request.summary or operation.name, "request": item, "response": []}


def _headers(request: ExampleRequest) -> list[dict[str, Any]]:
    declared = [
        _header(parameter.name, parameter.example) | _note(parameter)
        for parameter in request.parameters
        if parameter.location == "header" and not value_problem(parameter, parameter.example)
    ]
    return [_header("Accept", "application/json"), *declared]


def _header(name: str, value: str) -> dict[str, Any]:
    return {"key": _plain(name), "value": _plain(value)}


def _url(request: ExampleRequest, base_path: str) -> dict[str, Any]:
    steps, variables = [], []
    by_name = {parameter.name: parameter for parameter in request.parameters if parameter.location == "path"}
    for step in (base_path + request.path).lstrip("/").split("/"):
        whole = _WHOLE_PARAMETER.fullmatch(step)
        if whole and whole[1] in by_name:
            parameter = by_name[whole[1]]
            steps.append(f":{parameter.name}")
            variables.append(
                {
                    "key": parameter.name,
                    "value": quote(parameter.example, safe=""),
                    "description": parameter.description,
                }
            )
        else:
            steps.append(_filled(step, by_name))
    query = [_pair(parameter, *pair) for parameter in request.parameters for pair in _pairs(parameter)]
    enabled = "&".join(f"{pair['key']}={pair['value']}" for pair in query if not pair["disabled"])
    url: dict[str, Any] = {
        "raw": "{{base_url}}/" + "/".join(steps) + (f"?{enabled}" if enabled else ""),
        "host": ["{{base_url}}"],
        "path": steps,
    }
    if query:
        url["query"] = query
    if variables:
        url["variable"] = variables
    return url


def _filled(step: str, by_name: Mapping[str, Parameter]) -> str:
    """A step that holds more than one whole parameter, with the examples put in."""
    for name, parameter in by_name.items():
        step = step.replace("{" + name + "}", quote(parameter.example, safe=""))
    return step.replace("{", "%7B").replace("}", "%7D")


def _pairs(parameter: Parameter) -> Sequence[tuple[str, str]]:
    return pairs_of(parameter, parameter.example) if parameter.location == "query" else ()


def _pair(parameter: Parameter, name: str, text: str) -> dict[str, Any]:
    return {"key": quote(name, safe="[]"), "value": quote(text, safe=":,/@")} | _note(parameter)


def _note(parameter: Parameter) -> dict[str, Any]:
    """Optional parameters are there to be ticked."""
    return {"description": parameter.description, "disabled": not parameter.is_required}


def _body(body: ExampleBody) -> dict[str, Any]:
    bare = body.media_type.split(";")[0].strip().lower()
    language = "json" if body.is_json else _LANGUAGES.get(bare, "text")
    # In JSON two braces side by side stand only inside a text.
    text = body.text.replace("{{", "\\u007b{") if body.is_json else _plain(body.text)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": language}}}


def _plain(text: str) -> str:
    return text.replace("{{", "{ {")
