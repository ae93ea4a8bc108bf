"""From parameter values to an address and headers (OpenAPI 3.0.3, "Style Values"; RFC 3986 section 2.1).

A value can never lead out of its operation: everything that is not unreserved is percent-encoded, and what the gateway
would fold or refuse (empty, `.`, `..`, a slash) is reported instead of sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from propylon.openapi.examples import ExampleRequest, Parameter

_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2

Values = Mapping[tuple[str, str], str]


def value_problem(parameter: Parameter, text: str) -> str:
    """Why this text cannot be sent as the parameter's value; "" if it can."""
    if not text:
        return "is needed" if parameter.is_required else ""
    if parameter.location == "path":
        if text in {".", ".."} or "/" in text or "\\" in text or "\0" in text:
            return "must be one step of the path: no slash, and not just dots"
        return ""
    if parameter.location == "header" and not (
        _HEADER_VALUE.fullmatch(text) and text == text.strip() and _TOKEN.fullmatch(parameter.name)
    ):
        return "must be one line of letters, digits and signs, without spaces at its ends"
    if parameter.kind == "object" and parameter.style == "deepObject" and _members(text) is None:
        return "must be a JSON object"
    return ""


def path_of(request: ExampleRequest, values: Values) -> str:
    """The path with its parameters filled in; what has no value keeps its braces, percent-encoded."""
    path = request.path
    for parameter in request.parameters:
        if parameter.location == "path" and (text := values.get(parameter.key, "")):
            path = path.replace("{" + parameter.name + "}", quote(text, safe=""))
    return path.replace("{", "%7B").replace("}", "%7D")


def query_pairs(request: ExampleRequest, values: Values) -> list[tuple[str, str]]:
    """Names and values before encoding, in the document's order."""
    pairs: list[tuple[str, str]] = []
    for parameter in request.parameters:
        text = values.get(parameter.key, "")
        if parameter.location == "query" and text:
            pairs += pairs_of(parameter, text)
    return pairs


def pairs_of(parameter: Parameter, text: str) -> list[tuple[str, str]]:
    """One query parameter as it goes into the address, by its style."""
    if parameter.kind == "array" and parameter.explodes:
        return [(parameter.name, item) for item in text.split(",")]
    members = _members(text) if parameter.kind == "object" and parameter.style == "deepObject" else None
    if members is not None:
        return [(f"{parameter.name}[{name}]", item) for name, item in members.items()]
    return [(parameter.name, text)]


def address_of(request: ExampleRequest, values: Values) -> str:
    """Path and query, percent-encoded: ASCII without spaces and quotes."""
    query = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in query_pairs(request, values))
    return path_of(request, values) + (f"?{query}" if query else "")


def headers_of(request: ExampleRequest, values: Values) -> dict[str, str]:
    return {
        parameter.name: text
        for parameter in request.parameters
        if parameter.location == "header" and (text := values.get(parameter.key, ""))
    }


def _members(text: str) -> dict[str, str] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    return {name: item if isinstance(item, str) else json.dumps(item) for name, item in value.items()}
