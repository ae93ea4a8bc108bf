"""The sector of a client with pairwise subjects: the host of its redirect URIs, OpenID Connect Core 8.1. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

PUBLIC, PAIRWISE = "public", "pairwise"
SUBJECT_TYPES = (PUBLIC, PAIRWISE)

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")


def sector_of(redirect_uris: Iterable[str]) -> str:
    """Of https redirect URIs of one host; "" if there is none, or more than one, or it is nobody's own.

    A custom scheme or this machine is every native application's.
    """
    parts = [urlsplit(uri) for uri in redirect_uris]
    hosts = {each.hostname or "" for each in parts}
    if len(hosts) != 1 or any(each.scheme != "https" for each in parts):
        return ""
    host = hosts.pop()
    return host if is_host(host) else ""


def is_host(name: str) -> bool:
    """A whole DNS name, in small letters; no address of a machine."""
    try:
        ip_address(name)
    except ValueError:
        return bool(_HOST.fullmatch(name))
    return False
