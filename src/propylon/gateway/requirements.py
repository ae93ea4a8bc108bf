"""Which environment's token a route asks for: by a rule for all below the environment's prefix, where that says the
same as the route itself would; else by the route.

A rule for all is read once. A requirement of its own in each of 10,000 routes is a fifth of the time in which Envoy
reads them again. The audience of an environment's tokens is the address that the rule matches, so the two cannot part:
not even while one of the two files is newer than the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from propylon.gateway.envoy_types import JWT_PER_ROUTE, Json, typed
from propylon.gateway.model import Environment

NOBODY = "(nobody)"  # whose tokens nobody can make; no environment is called this


def ruled_by_prefix(environments: Iterable[Environment]) -> tuple[Environment, ...]:
    """Those on the shared hosts that neither lie below another one's prefix nor have one below theirs."""
    shared = [each for each in environments if not each.hosts]
    found = [each for each in shared if not any(_are_nested(each, other) for other in shared if other is not each)]
    return tuple(sorted(found, key=lambda each: each.name))


def rules(environments: Iterable[Environment]) -> list[Json]:
    """The rules of filter "jwt", of which the first that matches counts. The last one matches whatever is left: a
    request that no rule matched would pass without a token."""
    by_prefix = [_rule(f"{each.path_prefix}/", each.name) for each in ruled_by_prefix(environments)]
    return [*by_prefix, _rule("/", NOBODY)]


def token_of(requirement: str) -> Json:
    """Settings of a route that takes the tokens of this environment alone, or of NOBODY."""
    return {"jwt": typed(JWT_PER_ROUTE, requirement_name=requirement)}


def _rule(prefix: str, provider: str) -> Json:
    return {"match": {"prefix": prefix}, "requires": {"provider_name": provider}}


def _are_nested(one: Environment, other: Environment) -> bool:
    inner, outer = f"{one.path_prefix}/", f"{other.path_prefix}/"
    return inner.startswith(outer) or outer.startswith(inner)
