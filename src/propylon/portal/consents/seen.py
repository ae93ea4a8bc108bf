"""A consent as its customer reads it: who, what, since when, until when, and how it was used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from propylon.authserver.models import Grant
from propylon.authserver.selectors import scope_titles
from propylon.oauth.scopes import OPENID
from propylon.usage.grant_use import GrantUse, uses_of_grants


@dataclass(frozen=True, slots=True)
class SeenConsent:
    grant: Grant
    allows: tuple[str, ...]
    use: GrantUse

    @property
    def application(self) -> str:
        return self.grant.client.application.name

    @property
    def organization(self) -> str:
        return self.grant.client.application.organization.name


def seen(grants: Iterable[Grant]) -> list[SeenConsent]:
    rows = list(grants)
    uses = uses_of_grants([row.public_id for row in rows])
    return [SeenConsent(row, _allows(row.scope), uses[row.public_id]) for row in rows]


def _allows(scope: str) -> tuple[str, ...]:
    """In the words of the page that asked for it."""
    asked = tuple(scope.split(" "))
    identity = (_("Recognise you when you come back"),) if OPENID in asked else ()
    return (*scope_titles(asked), *identity)
