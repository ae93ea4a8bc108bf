"""Scope values, RFC 6749 section 3.3."""

from __future__ import annotations

import re
from functools import lru_cache

from propylon.oauth.errors import invalid_scope

OPENID = "openid"
_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


@lru_cache(maxsize=1024)
def parse_scope(text: str) -> tuple[str, ...]:
    """The scope names in their order, each once."""
    names = tuple(dict.fromkeys(text.split(" ")))
    if any(_TOKEN.fullmatch(name) is None for name in names):
        raise invalid_scope("Write the scope as names with one space between them.")
    return names


def require_known(names: tuple[str, ...], allowed: frozenset[str]) -> None:
    """Unknown and not subscribed are one answer: nobody learns which scopes other products have."""
    refused = [name for name in names if name not in allowed]
    if refused:
        listed = " ".join(refused)
        raise invalid_scope(f"Not a scope of a product that this client is subscribed to: {listed}")
