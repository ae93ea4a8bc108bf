"""Public keys at an address of the client's own: `jwks_uri`, RFC 7591 section 2; FAPI 2.0, 5.4.2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from propylon.oauth.client_keys import ClientKey, NotSigned, read_keys, signed_with

LONGEST_ADDRESS = 500
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})  # RFC 7517, 8.5.2
SHORTEST_AGE, USUAL_AGE, LONGEST_AGE = 300, 3600, 24 * 3600  # seconds until they are fetched again
LONGEST_KEPT = 3 * 24 * 3600  # seconds for which old keys are good while the address does not answer
REFETCH_SECONDS = 60  # for an unknown kid at most once in that time
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b", re.IGNORECASE)


class KeysUnusable(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """What lies at the address is no set of keys. The message tells the client's developer what is wrong."""


def address_problem(address: str) -> str:
    """Why keys cannot lie there; "" if they can. Where the name leads is looked at when it is asked."""
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable() or " " in address:
        return f"must be an address of at most {LONGEST_ADDRESS} characters without spaces"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme != "https" or not parts.hostname or port == 0:
        return "must begin with https:// and a host"
    if "@" in parts.netloc or "#" in address or "\\" in address:
        return "must have no user name and no fragment"
    return ""


def read_document(text: bytes) -> list[dict[str, str]]:
    """The keys of a JWK Set that verify signatures here. Others that lie beside them (for encryption, of other
    kinds, for other algorithms) are passed over: the set is not made for us alone.

    Raises `KeysUnusable`.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise KeysUnusable("it is no JSON") from None
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise KeysUnusable("it is no JWK Set: an object with keys")
    usable = [dict(key.jwk) for each in listed[:50] for key in read_keys([each])[0]]
    _, errors = read_keys(usable)
    if errors:
        raise KeysUnusable(f"{errors[0].field} {errors[0].reason}")
    if not usable:
        raise KeysUnusable("it has no key that is accepted here: " + _why(listed))
    return usable


def _why(listed: list[Any]) -> str:
    errors = read_keys(listed[:1])[1]
    return f"the first {errors[0].reason}" if errors else "it is empty"


def age_of(cache_control: str) -> int:
    """For how many seconds the keys need not be fetched again, by the answer's Cache-Control, within our bounds."""
    if _NO_CACHE.search(cache_control):
        return SHORTEST_AGE
    found = _MAX_AGE.search(cache_control)
    return min(max(int(found[1]), SHORTEST_AGE), LONGEST_AGE) if found else USUAL_AGE


def names_unknown_key(text: str, keys: Iterable[ClientKey]) -> bool:
    """Whether a JWT says that it was signed with a key that is not among these. What is no JWT names none."""
    known = tuple(keys)
    try:
        algorithm, kid = signed_with(text)
    except NotSigned:
        return False
    if kid is not None:
        return all(key.kid != kid for key in known)
    return all(algorithm not in key.algorithms for key in known)
