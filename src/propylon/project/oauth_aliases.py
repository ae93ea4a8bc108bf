"""Further addresses of the authorization and the token endpoint, for clients built for another bank's paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

AUTHORIZE, TOKEN = "authorize", "token"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]{1,60}){2,8}")
_OWN = frozenset({"oauth", ".well-known", "manage", "console", "health", "certificates", "static"})
_MOST = 8


def read_aliases(text: str) -> Mapping[str, str]:
    """Path → endpoint, from "authorize=/mga/sps/oauth/oauth20/authorize, token=/mga/sps/oauth/oauth20/token"."""
    found: dict[str, str] = {}
    for entry in filter(None, (each.strip() for each in text.split(","))):
        endpoint, _, path = (part.strip() for part in entry.partition("="))
        if endpoint not in {AUTHORIZE, TOKEN} or not _is_free(path) or path in found:
            raise ValueError(
                f"PROPYLON_OAUTH_ALIASES has {entry!r}; give authorize=/path or token=/path, each path once, of two "
                f"segments at least, and not below an address of Propylon's own ({', '.join(sorted(_OWN))})"
            )
        found[path] = endpoint
    if len(found) > _MOST:
        raise ValueError(f"PROPYLON_OAUTH_ALIASES has more than {_MOST} paths")
    return MappingProxyType(found)


def _is_free(path: str) -> bool:
    segments = path.split("/")
    return _PATH.fullmatch(path) is not None and segments[1] not in _OWN and not {".", ".."}.intersection(segments)
