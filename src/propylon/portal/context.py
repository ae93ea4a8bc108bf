"""What the navigation of every page needs: where one can go, and whether the person is of the program's staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from propylon.accounts.access import may
from propylon.accounts.roles import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    address: str
    label: str
    current: SafeString | str


def site_navigation(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `site_nav`, `is_staff`."""
    user = getattr(request, "user", None)
    is_staff = SimpleLazyObject(lambda: bool(user and user.is_authenticated and may(user, Permission.VIEW_PROGRAM)))

    def entries() -> list[Entry]:
        found = [
            ("/getting-started", _("Getting started")),
            ("/products", _("Products")),
            ("/guides", _("Guides")),
        ]
        if user and user.is_authenticated:
            found.append(("/apps", _("My apps")))
        if is_staff:
            found.append(("/console", _("Console")))
        return [Entry(address, label, _current(request.path, address)) for address, label in found]

    return {"is_staff": is_staff, "site_nav": SimpleLazyObject(entries)}


def _current(path: str, address: str) -> SafeString | str:
    if path == address:
        return mark_safe(' aria-current="page"')
    return mark_safe(' aria-current="true"') if path.startswith(f"{address}/") else ""
