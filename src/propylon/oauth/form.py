"""Request parameters, RFC 6749 sections 3.1 and 3.2 and appendix B: one value per parameter, form body only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from propylon.oauth.errors import OAuthError, invalid_request

LONGEST_BODY = 64 * 1024
MOST_PARAMETERS = 64
_MEDIA_TYPE = "application/x-www-form-urlencoded"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_PLAIN = re.compile(r"[%+\x00-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parameters:
    """`values` holds what was sent with a value; `repeated` the names that came more than once."""

    values: Mapping[str, str]
    repeated: frozenset[str]


def parse_form(*, content_type: str, query: bytes, body: bytes, most: int = MOST_PARAMETERS) -> Mapping[str, str]:
    """The parameters of a POST; raises `invalid_request` for anything that is not exactly one form."""
    if content_type != _MEDIA_TYPE:
        _check_media_type(content_type)
    if query:
        raise invalid_request("Send the parameters in the body; this endpoint takes none in the address.")
    if len(body) > LONGEST_BODY:
        raise too_long()
    parameters = parse_parameters(body, most)
    if parameters.repeated:
        names = ", ".join(sorted(parameters.repeated))
        raise invalid_request("A parameter was sent more than once.", detail=f"repeated: {names}")
    return parameters.values


def too_long() -> OAuthError:
    return invalid_request(f"The body is longer than {LONGEST_BODY} bytes.", status=413)


def parse_parameters(text: bytes, most: int = MOST_PARAMETERS) -> Parameters:
    """Decode a form body or a query string. A parameter without a value counts as omitted (RFC 6749, 3.1)."""
    try:
        encoded = text.decode("ascii")
    except UnicodeDecodeError:
        raise invalid_request("A parameter is not percent-encoded UTF-8.") from None
    values: dict[str, str] = {}
    seen: set[str] = set()
    repeated: set[str] = set()
    pairs = encoded.split("&", most) if encoded else []
    if len(pairs) > most:
        raise invalid_request("There are too many parameters.")
    is_plain = _NOT_PLAIN.search(encoded) is None  # as most are: nothing to decode
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise invalid_request("The parameters are not a form: name=value, joined by &.")
        key = name if is_plain else _decode(name)
        (repeated if key in seen else seen).add(key)
        if value:
            values[key] = value if is_plain else _decode(value)
    return Parameters(values, frozenset(repeated))


def _decode(text: str) -> str:
    try:
        if "%" in text or "+" in text:
            if _BROKEN_ESCAPE.search(text):
                raise invalid_request("A parameter has a broken percent escape.")
            text = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise invalid_request("A parameter is not percent-encoded UTF-8.") from None
    if _CONTROL.search(text):
        raise invalid_request("A parameter has a control character.")
    return text


def _check_media_type(content_type: str) -> None:
    media_type, _, rest = content_type.partition(";")
    charset = rest.strip().lower().replace('"', "")
    if media_type.strip().lower() != _MEDIA_TYPE or charset not in {"", "charset=utf-8"}:
        raise invalid_request(f"Send a form body with Content-Type: {_MEDIA_TYPE}.", detail=content_type[:80])
