"""The parts of a compact JWS (RFC 7515, 3.1) that whoever checks a stranger's signature reads in the same way."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from joserfc.jws import JWSRegistry

from propylon.kernel.token_claims import PROOF_ALGORITHMS

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518, 6.2.2, 6.3.2 and 6.4.1
SIGNATURES = MappingProxyType({name: JWSRegistry.algorithms[name] for name in PROOF_ALGORITHMS})
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def decoded(part: str) -> bytes:
    """The bytes of one part. Raises `ValueError`."""
    if not BASE64URL.fullmatch(part):
        raise ValueError("it is no base64url without padding")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def json_object(part: str) -> Mapping[str, Any]:
    """The JSON object that one part is. Raises `ValueError`."""
    try:
        found = json.loads(decoded(part))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004  (of a stranger's text, not of our types)
    return found
