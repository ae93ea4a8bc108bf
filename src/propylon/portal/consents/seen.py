"""A consent as its customer reads it: who, what, since when, until when, and how it was used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from propylon.authserver.detail_types import types_named
from propylon.authserver.detail_words import Described, described_grant, named_accounts
from propylon.authserver.models import Grant
from propylon.authserver.selectors import scope_titles
from propylon.customers.accounts import accounts
from propylon.oauth.scopes import OPENID
from propylon.usage.grant_use import GrantUse, uses_of_grants


@dataclass(frozen=True, slots=True)
class SeenConsent:
    grant: Grant
    allows: tuple[str, ...]
    use: GrantUse
    details: tuple[Described, ...] = ()
    accounts: tuple[str, ...] = ()  # that its scopes cover; empty: all, or those that its details name

    @property
    def application(self) -> str:
        return self.grant.client.application.name

    @property
    def organization(self) -> str:
        return self.grant.client.application.organization.name


def seen(grants: Iterable[Grant]) -> list[SeenConsent]:
    rows = list(grants)
    uses = uses_of_grants([row.public_id for row in rows])
    return [
        SeenConsent(row, _allows(row.scope), uses[row.public_id], _details(row), _accounts(row) if row.accounts else ())
        for row in rows
    ]


def _details(grant: Grant) -> tuple[Described, ...]:
    environment = grant.client.environment.name
    return described_grant(grant.authorization_details, environment=environment, subject=grant.subject)


def _accounts(grant: Grant) -> tuple[str, ...]:
    """Those that stand in no detail."""
    types = types_named(each["type"] for each in grant.authorization_details)
    told = {scope for type_ in types.values() if type_.account_member for scope in type_.covers}
    ids = dict.fromkeys(each for scope, chosen in grant.accounts.items() if scope not in told for each in chosen)
    own = accounts.accounts_of(grant.client.environment.name, grant.subject)
    return named_accounts(ids, {each.id: each for each in own})


def _allows(scope: str) -> tuple[str, ...]:
    """In the words of the page that asked for it."""
    asked = tuple(scope.split())
    identity = (_("Recognise you when you come back"),) if OPENID in asked else ()
    return (*scope_titles(asked), *identity)
