"""What the customer's consent covers, from the gateway's headers: which accounts, and what may be read of each.

The headers are Base64 of JSON: `x-propylon-accounts` says which accounts a scope covers, and
`x-propylon-authorization-details` holds the granted details (RFC 9396), of which this bank reads account_information.
What cannot be read covers nothing.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

ACCOUNT_ID = re.compile(r"acc-([0-9]{6})", re.ASCII)
_TYPE = "account_information"


@dataclass(frozen=True, slots=True)
class Consent:
    """`accounts`: scope to account ids, a scope that is not named covers all; None: unreadable.

    `details`: objects of account_information; none: nothing is left out of an account.
    """

    accounts: Mapping[str, list[str]] | None
    details: tuple[Mapping[str, Any], ...] = ()

    def numbers(self, *scopes: str) -> frozenset[int] | None:
        """Of the accounts that all of these scopes cover; None: every one of the owner's."""
        if self.accounts is None:
            return frozenset()
        named = [_numbers(self.accounts[scope]) for scope in scopes if scope in self.accounts]
        return frozenset.intersection(*named) if named else None

    def allows(self, action: str, number: int) -> bool:
        """Some object about this account names the action, or names none."""
        if self.accounts is None:
            return False
        about = [each for each in self.details if number in _numbers(each.get("accounts", [f"acc-{number:06d}"]))]
        return not self.details or any(action in each.get("actions", (action,)) for each in about)


def consent_of(headers: Headers) -> Consent:
    try:
        accounts = _read(headers.get("x-propylon-accounts"), {})
        details = _read(headers.get("x-propylon-authorization-details"), [])
        if not isinstance(accounts, dict) or not all(isinstance(each, list) for each in accounts.values()):
            return Consent(None)
        return Consent(accounts, tuple(each for each in details if each["type"] == _TYPE))
    except (ValueError, TypeError, KeyError):
        return Consent(None)


def _read(text: str | None, nothing: Any) -> Any:
    return nothing if text is None else json.loads(b64decode(text, validate=True))


def _numbers(ids: list[str]) -> frozenset[int]:
    return frozenset(int(form[1]) for each in ids if isinstance(each, str) and (form := ACCOUNT_ID.fullmatch(each)))
