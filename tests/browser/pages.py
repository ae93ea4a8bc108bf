"""The one table of all pages of portal and console: who looks at each, and at which thing.

`test_every_page.py` judges each, `screenshots.py` pictures each, `bench/pages.py` times each; a page that is in no
line of it fails `test_page_table.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from browser.addresses import addresses

# Parameter of an address -> thing of staging.py that it names, for every area that has no line below.
PARAMETERS = {
    "application_id": "application",
    "client_id": "client",
    "organization_id": "organization",
    "order_id": "order",
    "certificate_id": "certificate",
    "user_id": "user",
    "product": "product",
    "version": "version",
    "operation_id": "operation",
    "environment": "environment",
    "node": "node",
}


@dataclass(frozen=True)
class Entry:
    """`name` is the address's; `role` of demo.json looks at it, "" is a stranger. `given` are parameters of its own."""

    name: str
    role: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""  # of a page that has no name
    status: int = 200
    label: str = ""

    @property
    def title(self) -> str:
        """A file's name."""
        named = self.label or "-".join([self.name.replace(":", "-").replace("_", "-"), *self.given.values()])
        return named.lower().replace("/", "-").strip("-")

    def address(self, things: Mapping[str, str]) -> str:
        """The path and query of a real instance."""
        if self.path:
            return self.path + self.query
        known = {parameter: things.get(thing, "") for parameter, thing in PARAMETERS.items()}
        address = next((each for each in addresses() if each.name == self.name), None)
        assert address is not None, f"no address is named {self.name}"
        return address.path({**known, **self.given}) + self.query


PAGES: tuple[Entry, ...] = (Entry("portal_home:home"),)

# Addresses that answer GET with something else than a page of their own: files, parts of a page, redirects.
NO_PAGES: Mapping[str, str] = {}

# What README shows.
PICTURES = ("portal-home-home",)


def for_role(role: str) -> list[Entry]:
    return [each for each in PAGES if each.role == role]
