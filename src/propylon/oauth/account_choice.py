"""Which accounts a consent covers: where the customer is asked, and what their answer makes of the request.

Each object of a type about accounts has a choice of its own (RFC 9396, 7.1: enriched details). Scopes that ask for
accounts, and for which no such object stands, share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from propylon.oauth.authorization_details import MOST_BYTES, Detail, DetailType, Types, check_details, compact
from propylon.oauth.errors import invalid_request
from propylon.oauth.granted_details import accounts_for, scopes_of

SCOPES = "scopes"  # the key of the choice that scopes share


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is the object's position, or SCOPES. `offered`: ids of the customer's accounts that may be chosen."""

    key: str
    offered: tuple[str, ...]
    takes_one: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """What the customer agreed to."""

    details: tuple[Detail, ...]
    accounts: Mapping[str, list[str]]  # by scope


def choices(
    details: Sequence[Detail], scopes: Sequence[str], types: Types, *, asking: frozenset[str], own: Sequence[str]
) -> tuple[Choice, ...]:
    """What to ask. `asking`: scopes that ask for accounts; `own`: ids of the customer's accounts.

    An object that names accounts itself offers no others.
    """
    found = []
    for position, each in enumerate(details):
        type_ = types[each["type"]]
        if type_.account_member:
            named = type_.accounts_of(each)
            offered = tuple(account for account in own if not named or account in named)
            found.append(Choice(str(position), offered, type_.takes_one_account))
    if _shared(details, scopes, types, asking):
        found.append(Choice(SCOPES, tuple(own)))
    return tuple(found)


def granted(
    details: Sequence[Detail],
    scopes: Sequence[str],
    types: Types,
    *,
    asking: frozenset[str],
    asked: Sequence[Choice],
    chosen: Mapping[str, Sequence[str]],
) -> Granted:
    """`chosen` is the answer by the choices' keys. Raises `invalid_request` for what was not offered."""
    for choice in asked:
        _check(choice, chosen.get(choice.key, ()))
    whole = tuple(_enriched(each, types[each["type"]], chosen.get(str(i), ())) for i, each in enumerate(details))
    check_details(whole, types)
    shared = {name: list(chosen.get(SCOPES, ())) for name in _shared(details, scopes, types, asking)}
    covered = dict.fromkeys((*scopes, *scopes_of(whole, types)))
    accounts = accounts_for(covered, whole, types, shared)
    if len(compact(whole).encode()) + len(compact([accounts]).encode()) > MOST_BYTES:
        raise invalid_request("These are too many accounts for one consent. Start again, and choose fewer.")
    return Granted(whole, accounts)


def _shared(details: Sequence[Detail], scopes: Sequence[str], types: Types, asking: frozenset[str]) -> list[str]:
    """Scopes that ask for accounts and get no answer from an object."""
    about = (types[each["type"]] for each in details)
    answered = {scope for type_ in about if type_.account_member for scope in type_.covers}
    return [name for name in scopes if name in asking and name not in answered]


def _check(choice: Choice, chosen: Sequence[str]) -> None:
    if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(choice.offered):
        raise invalid_request("Choose at least one of the accounts that the page offers.")
    if choice.takes_one and len(chosen) > 1:
        raise invalid_request("Choose one account only.")


def _enriched(detail: Detail, type_: DetailType, chosen: Sequence[str]) -> Detail:
    if not type_.account_member:
        return detail
    is_text = type_.schema["properties"][type_.account_member].get("type") == "string"
    return {**detail, type_.account_member: chosen[0] if is_text else list(chosen)}
