"""Parameters in a JSON object, which RFC 6749 does not know: at aliases of the token endpoint, for who was allowed it.

What holds for a form holds here: each name once, text values only, nothing in the address, no control characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from propylon.oauth.errors import invalid_request
from propylon.oauth.form import LONGEST_BODY, too_long

_MOST_MEMBERS = 64
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_json_type(content_type: str) -> bool:
    media_type, _, rest = content_type.partition(";")
    charset = rest.strip().lower().replace('"', "")
    return media_type.strip().lower() == "application/json" and charset in {"", "charset=utf-8"}


def parse_json(*, content_type: str, query: bytes, body: bytes) -> Mapping[str, str]:
    """The parameters of a POST. An empty value counts as omitted, as in a form."""
    if query:
        raise invalid_request("Send the parameters in the body; this endpoint takes none in the address.")
    if len(body) > LONGEST_BODY:
        raise too_long()
    try:
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise invalid_request("The body is no JSON.") from None
    if not isinstance(pairs, _Pairs) or len(pairs) > _MOST_MEMBERS:
        raise invalid_request("The body is one JSON object with the parameters as text.")
    return {name: value for name, value in _checked(pairs).items() if value}


class _Pairs(list[tuple[str, object]]):
    """Of a JSON object, in its order, repeated names and all."""


def _checked(pairs: _Pairs) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise invalid_request("A parameter was sent more than once.", detail=f"repeated: {name[:80]}")
        if not isinstance(value, str):
            raise invalid_request("Each parameter is text.")
        if _CONTROL.search(name) or _CONTROL.search(value) or not _is_text(name + value):
            raise invalid_request("A parameter has a control character.")
        found[name] = value
    return found


def _is_text(value: str) -> bool:
    """JSON may hold halves of characters, which no database takes."""
    return not any("\ud800" <= each <= "\udfff" for each in value)
