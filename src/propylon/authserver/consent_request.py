"""What a customer is asked to consent to, and what their form answers: details, scopes, and which accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from propylon.authserver.detail_types import scopes_that_ask_accounts
from propylon.authserver.detail_words import Described, described, grouped
from propylon.authserver.models import AuthorizationRequest
from propylon.customers.accounts import Account, accounts
from propylon.oauth import account_choice
from propylon.oauth.account_choice import SCOPES, Choice, Granted
from propylon.oauth.authorization_details import Detail, check_details
from propylon.oauth.records import ClientRecord

_TICKED = "yes"
MOST_FIELDS = 1000  # of the page's form: a box for each account


@dataclass(frozen=True, slots=True)
class OfferedAccount:
    """`field` and `value` are what the form sends if it is chosen."""

    field: str
    value: str
    name: str
    number: str
    currency: str
    is_chosen: bool

    @property
    def id(self) -> str:
        """Of its box on the page."""
        return self.field if self.value == _TICKED else f"{self.field}.{self.value}"


@dataclass(frozen=True, slots=True)
class ShownChoice:
    accounts: tuple[OfferedAccount, ...]
    takes_one: bool


@dataclass(frozen=True, slots=True)
class ShownDetail:
    words: Described
    choice: ShownChoice | None


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """`own`: the customer's accounts, read only where something asks for them."""

    client: ClientRecord
    details: tuple[Detail, ...]
    scopes: tuple[str, ...]
    asking: frozenset[str]
    own: tuple[Account, ...]
    choices: tuple[Choice, ...]

    def is_answered(self, form: Mapping[str, str]) -> bool:
        """Something was chosen wherever the customer has to."""
        return not self.lacks_accounts and all(_chosen(each, form) for each in self.choices)

    def granted(self, form: Mapping[str, str]) -> Granted:
        """By the customer's answer. Raises `invalid_request` where a choice is missing or is none that was offered."""
        return account_choice.granted(
            self.details,
            self.scopes,
            self.client.detail_types,
            asking=self.asking,
            asked=self.choices,
            chosen={each.key: _chosen(each, form) for each in self.choices},
        )

    def shown_details(self, form: Mapping[str, str]) -> tuple[ShownDetail, ...]:
        by_key = {each.key: each for each in self.choices}
        return tuple(
            ShownDetail(
                described(each, self.client.detail_types[each["type"]]), self._shown(by_key.get(str(position)), form)
            )
            for position, each in enumerate(self.details)
        )

    def shared_choice(self, form: Mapping[str, str]) -> ShownChoice | None:
        """For the scopes that ask for accounts."""
        return self._shown(next((each for each in self.choices if each.key == SCOPES), None), form)

    @property
    def lacks_accounts(self) -> bool:
        """There is something to choose and nothing to choose from: the customer can only say no."""
        return any(not each.offered for each in self.choices)

    def _shown(self, choice: Choice | None, form: Mapping[str, str]) -> ShownChoice | None:
        if choice is None:
            return None
        offered = [each for each in self.own if each.id in choice.offered]
        chosen = _chosen(choice, form) or ((offered[0].id,) if len(offered) == 1 else ())
        return ShownChoice(
            tuple(
                OfferedAccount(
                    field=_field(choice, each.id),
                    value=each.id if choice.takes_one else _TICKED,
                    name=each.name,
                    number=grouped(each.number),
                    currency=each.currency,
                    is_chosen=each.id in chosen,
                )
                for each in offered
            ),
            choice.takes_one,
        )


def consent_request(row: AuthorizationRequest, client: ClientRecord) -> ConsentRequest:
    """Of a request whose customer has logged in. Raises `OAuthError` if the client may not ask for it any more."""
    details = tuple(json.loads(row.parameters.get("authorization_details") or "[]"))
    check_details(details, client.detail_types, awaits_choice=True)
    scopes = tuple(row.parameters["scope"].split())
    asking = scopes_that_ask_accounts(scopes) if scopes else frozenset()
    is_about_accounts = bool(asking) or any(client.detail_types[each["type"]].account_member for each in details)
    own = accounts.accounts_of(client.environment, row.subject) if is_about_accounts else ()
    choices = account_choice.choices(details, scopes, client.detail_types, asking=asking, own=[each.id for each in own])
    return ConsentRequest(client, details, scopes, asking, own, choices)


def _field(choice: Choice, account: str) -> str:
    """A form of ours has each name once, so every box has its own; of round ones one is sent."""
    return f"account.{choice.key}" if choice.takes_one else f"account.{choice.key}.{account}"


def _chosen(choice: Choice, form: Mapping[str, str]) -> tuple[str, ...]:
    if choice.takes_one:
        value = form.get(f"account.{choice.key}", "")
        return (value,) if value else ()
    return tuple(each for each in choice.offered if _field(choice, each) in form)
