"""`authorization_details` in plain words, for the bank's customer: titles of the type and its members, their values.

Labels are the schema's titles, so they are in the operator's language; what has no title is called by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from propylon.authserver.detail_types import types_named
from propylon.customers.accounts import Account, accounts
from propylon.oauth.authorization_details import Detail, DetailType

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LONGEST_ROW = 600


@dataclass(frozen=True, slots=True)
class Described:
    """One object: what it is, and its members as label and text. `accounts` are those that it names."""

    title: str
    rows: tuple[tuple[str, str], ...]
    accounts: tuple[str, ...] = ()


def described(detail: Detail, type_: DetailType) -> Described:
    """Without the accounts, which stand apart: their ids say nothing to the customer."""
    properties = type_.schema.get("properties", {})
    named = [name for name in properties if name in detail and name != type_.account_member]
    rows = tuple((_label(name, properties[name]), _text(detail[name], properties[name])) for name in named)
    return Described(type_.title, rows)


def described_grant(details: Sequence[Detail], *, environment: str, subject: str) -> tuple[Described, ...]:
    """What was granted. An object of a type that was removed since is called by its name."""
    if not details:
        return ()
    types = types_named(each["type"] for each in details)
    own = {each.id: each for each in accounts.accounts_of(environment, subject)}
    found = []
    for each in details:
        type_ = types.get(each["type"])
        words = described(each, type_) if type_ else Described(each["type"], ())
        ids = type_.accounts_of(each) if type_ else ()
        found.append(Described(words.title, words.rows, named_accounts(ids, own)))
    return tuple(found)


def named_accounts(ids: Iterable[str], own: Mapping[str, Account]) -> tuple[str, ...]:
    """As the customer knows them; one that is closed since is called by its id."""
    return tuple(account_words(own[each]) if each in own else each for each in ids)


def account_words(account: Account) -> str:
    number = grouped(account.number)
    return f"{account.name}, {number}" if number else account.name


def grouped(text: str) -> str:
    """An IBAN in groups of four, as it stands on paper."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)) if _IBAN.fullmatch(text) else text


def _label(name: str, schema: Any) -> str:
    title = schema.get("title", "") if isinstance(schema, dict) else ""
    return str(title) or " ".join(_HUMP.sub(" ", name).split()).lower().capitalize()


def _text(value: Any, schema: Any) -> str:
    told = _value(value, schema if isinstance(schema, dict) else {})
    return told if len(told) <= _LONGEST_ROW else told[:_LONGEST_ROW] + "…"


def _value(value: Any, schema: Mapping[str, Any]) -> str:
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case list():
            items = schema.get("items", {})
            return ", ".join(_value(each, items if isinstance(items, dict) else {}) for each in value)
        case {"amount": amount, "currency": currency, **rest} if not rest:
            return f"{amount} {currency}"
        case dict():
            return _members(value, schema.get("properties", {}))
        case str():
            return _of_text(value, schema)
    return str(value)


def _members(value: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """An object with one member needs no label for it."""
    told = [
        (_label(name, properties.get(name, {})), _value(each, properties.get(name, {}))) for name, each in value.items()
    ]
    return told[0][1] if len(told) == 1 else ", ".join(f"{label}: {text}" for label, text in told)


def _of_text(value: str, schema: Mapping[str, Any]) -> str:
    """A value of a list may have a title of its own: `oneOf` of `const` and `title`."""
    for each in schema.get("oneOf", ()):
        if isinstance(each, dict) and each.get("const") == value and each.get("title"):
            return str(each["title"])
    if schema.get("format") == "date":
        try:
            return date_format(
                date.fromisoformat(value), pgettext("a date, in the letters of Django's date filter", "j M Y")
            )
        except ValueError:
            return value
    return grouped(value)
