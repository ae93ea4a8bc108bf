"""Every address of portal and console, read from the URL configuration itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse

# Our areas; and what keeps django-allauth's names, by which it finds its own views.
AREAS = re.compile(r"^(portal_|console_|account_|mfa_|design_)")


@dataclass(frozen=True)
class Address:
    """`parameters` are the names in the path."""

    name: str
    route: str
    parameters: tuple[str, ...]

    def path(self, values: dict[str, str]) -> str:
        return reverse(self.name, kwargs={each: values[each] for each in self.parameters})


@cache
def addresses() -> tuple[Address, ...]:
    """In the order of the configuration; one for each name."""
    found = {each.name: each for each in _walk(get_resolver(), "", ()) if AREAS.match(each.name)}
    return tuple(found.values())


def name_of(path: str) -> str:
    """The name of the address that a path belongs to; empty when it is no page of portal or console."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    return match.view_name if AREAS.match(match.view_name or "") else ""


def _walk(resolver: URLResolver, route: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if entry.name:
                yield Address(":".join((*spaces, entry.name)), whole, tuple(re.findall(r"<(?:\w+:)?(\w+)>", whole)))
        else:
            inner: Any = entry.namespace
            yield from _walk(entry, whole, (*spaces, inner) if inner else spaces)
