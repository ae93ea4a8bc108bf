"""The host names that the installation answers to, as requests name them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from propylon.gateway.model import Environment, Listeners

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})  # for who is on the machine


def main_hosts(here: Listeners) -> frozenset[str]:
    """Those of the portal, and of all that has none of its own."""
    return _names(here.public_url, here.mutual_url, here.address) | _LOOPBACK


def authorization_hosts(here: Listeners) -> frozenset[str]:
    """The authorization server's own; empty if it shares the portal's."""
    return _names(here.issuer, here.issuer_mutual) - main_hosts(here)


def own_hosts_problem(here: Listeners, environment: Environment, taken: Iterable[str]) -> str:
    """An environment's own hosts are nobody else's, and its APIs begin at their root. "": nothing is wrong."""
    others = main_hosts(here) | authorization_hosts(here) | frozenset(taken)
    if environment.path_prefix or others.intersection(environment.hosts):
        return "Give the environment host names that nothing else has, and no path prefix on them."
    return ""


def _names(*addresses: str) -> frozenset[str]:
    """Of URLs and of bare addresses."""
    names = {urlsplit(each).hostname if "//" in each else each for each in addresses}
    return frozenset(f"[{name}]" if ":" in name and name[0] != "[" else name for name in names if name)
