"""What details a token carries, and less on request: RFC 9396 section 6; and which accounts its scopes cover.

Less is: some of the granted objects, or the same object with fewer entries in its lists. Accounts that the customer
chose need not be repeated: the client does not know them when it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.authorization_details import Detail, DetailType, Types, check_details, read_details
from propylon.oauth.errors import invalid_authorization_details
from propylon.oauth.policy import CLIENT_CREDENTIALS

PARAMETER = "authorization_details"


def details_for(attempt: TokenAttempt) -> tuple[Detail, ...]:
    """Of the token that is asked for. Raises `invalid_authorization_details`."""
    types = attempt.client.detail_types
    record = attempt.code or attempt.refresh
    text = attempt.form.get(PARAMETER)
    if record is not None:
        living = tuple(each for each in record.grant.details if each["type"] in types)
        return living if text is None else _less(read_details(text), living, types)
    if text is None or attempt.grant_type != CLIENT_CREDENTIALS:
        return ()
    asked = read_details(text)
    check_details(asked, types)
    return asked


def scopes_of(details: Iterable[Detail], types: Types) -> tuple[str, ...]:
    """The scopes that details stand for: with them the gateway lets the token call. A type that is gone has none."""
    known = (type_ for each in details if (type_ := types.get(each["type"])))
    return tuple(dict.fromkeys(type_.scope for type_ in known if type_.scope))


def accounts_for(
    scopes: Iterable[str], details: Sequence[Detail], types: Types, granted: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Scope to the accounts that it covers; a scope that is not named covers all."""
    return {
        name: found for name in scopes if (found := _accounts_of(name, details, types) or list(granted.get(name, ())))
    }


def add_details(claims: dict[str, Any], details: Sequence[Detail], accounts: Mapping[str, Sequence[str]]) -> None:
    """RFC 9396, 9.1, and which accounts the scopes cover; a token of details alone has no scope."""
    if details:
        claims["authorization_details"] = [dict(each) for each in details]
    if accounts:
        claims["acc"] = {scope: list(chosen) for scope, chosen in accounts.items()}
    if not claims["scope"]:
        del claims["scope"], claims["scp"]


def _accounts_of(scope: str, details: Sequence[Detail], types: Types) -> list[str]:
    """What the details that limit the scope name."""
    named = (account for each in details if scope in types[each["type"]].covers
             for account in types[each["type"]].accounts_of(each))  # fmt: skip
    return list(dict.fromkeys(named))


def _less(asked: Sequence[Detail], granted: Sequence[Detail], types: Types) -> tuple[Detail, ...]:
    found = []
    for position, each in enumerate(asked):
        filled = ((_filled(each, whole, types[whole["type"]]), whole) for whole in granted)
        within = next((told for told, whole in filled if _is_within(told, whole)), None)
        if within is None:
            raise invalid_authorization_details(f"[{position}]", "more than the customer granted")
        found.append(within)
    check_details(found, types)
    return tuple(found)


def _filled(asked: Detail, granted: Detail, type_: DetailType) -> Detail:
    member = type_.account_member
    return {**asked, member: granted[member]} if member in granted and member not in asked else asked


def _is_within(asked: Any, granted: Any) -> bool:
    if isinstance(asked, dict) and isinstance(granted, dict):
        return asked.keys() == granted.keys() and all(_is_within(asked[name], granted[name]) for name in asked)
    if isinstance(asked, list) and isinstance(granted, list):
        return bool(asked or not granted) and all(any(_is_within(one, whole) for whole in granted) for one in asked)
    return type(asked) is type(granted) and bool(asked == granted)
