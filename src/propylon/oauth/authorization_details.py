"""Rich authorization requests, RFC 9396 sections 2, 3 and 5: what `authorization_details` say is read and checked.

A type's schema is JSON Schema. An object may say only what its schema names; the rest is refused with its place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from propylon.oauth.detail_schema import Problem, problem_of
from propylon.oauth.errors import OAuthError, invalid_authorization_details

MOST_OBJECTS = 10
MOST_BYTES = 4096  # of all objects as compact JSON: they travel in tokens, and in a header to the upstream
DEEPEST = 6
_LONGEST_TEXT = 4 * MOST_BYTES  # as sent, with spaces and escapes
_LARGEST_NUMBER = 2**53  # what every reader of JSON reads alike (RFC 8259, 6)
# Control characters, and those that would show a text on the consent page otherwise than it is.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DetailType:
    """A type of `authorization_details`. `schema` describes an object of it without `type`.

    `scope` is carried by tokens that have such details; `account_member` names the member in which the customer's
    choice of accounts stands. Either may be "". `covers`: scopes that such a choice limits, whoever asked for them.
    """

    name: str
    title: str  # in words for the bank's customer
    schema: Mapping[str, Any]
    account_member: str = ""
    scope: str = ""
    covers: frozenset[str] = frozenset()

    @property
    def takes_one_account(self) -> bool:
        member = self.schema.get("properties", {}).get(self.account_member, {})
        return bool(member.get("type") == "string" or member.get("maxItems") == 1)

    def accounts_of(self, detail: Detail) -> tuple[str, ...]:
        """The accounts that an object names."""
        found = detail.get(self.account_member, ()) if self.account_member else ()
        return (found,) if isinstance(found, str) else tuple(found)


Types = Mapping[str, DetailType]


def read_details(text: str) -> tuple[Detail, ...]:
    """The objects of the parameter, within bounds. Raises `invalid_authorization_details`."""
    if len(text) > _LONGEST_TEXT:
        _refuse("", f"longer than {MOST_BYTES} bytes")
    try:
        read = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _refuse("", "not JSON, or a member stands twice in an object")
    if not isinstance(read, list) or not read or not all(isinstance(each, dict) for each in read):
        _refuse("", "not an array with at least one object")
    if len(read) > MOST_OBJECTS:
        _refuse("", f"more than {MOST_OBJECTS} objects")
    for position, each in enumerate(read):
        _check_values(each, f"[{position}]", 1)
    if len(compact(read).encode()) > MOST_BYTES:
        _refuse("", f"longer than {MOST_BYTES} bytes")
    return tuple(read)


def compact(details: Sequence[Detail]) -> str:
    """As it is stored."""
    return json.dumps(list(details), ensure_ascii=False, separators=(",", ":"))


def check_details(details: Sequence[Detail], types: Types, *, awaits_choice: bool = False) -> None:
    """Each is of a type that the client may use, and as its schema says (RFC 9396, 5).

    `awaits_choice`: the customer has yet to choose accounts, so they need not be named.
    """
    for position, detail in enumerate(details):
        type_ = types.get(str(detail.get("type")))
        if type_ is None:
            # Unknown and not subscribed are one answer, as with scopes.
            known = ", ".join(sorted(types)) or "none"
            _refuse(f"[{position}].type", f"not a type that this client may use; these are: {known}")
        left_out = frozenset({type_.account_member} if awaits_choice and type_.account_member else ())
        problem = problem_of(detail, type_.schema, may_miss=left_out)
        if problem is not None:
            _refuse(f"[{position}]{problem.place}", problem.reason)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("no number")


def _check_values(value: Any, place: str, depth: int) -> None:
    if depth > DEEPEST:
        _refuse("", f"nested deeper than {DEEPEST}")
    if isinstance(value, dict):
        for name, inner in value.items():
            if _HIDDEN.search(name):
                _refuse(place, "a member's name has control characters")
            _check_values(inner, f"{place}.{name}", depth + 1)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            _check_values(inner, f"{place}[{position}]", depth + 1)
    elif isinstance(value, str) and _HIDDEN.search(value):
        _refuse(place, "control characters, or characters that change how a text is shown")
    elif isinstance(value, float) and not math.isfinite(value):
        _refuse(place, "not a finite number")
    elif isinstance(value, int | float) and abs(value) > _LARGEST_NUMBER:
        _refuse(place, "a number beyond 2 to the power of 53")


def _refuse(place: str, reason: str) -> NoReturn:
    raise refusal(Problem(place, reason))


def refusal(problem: Problem) -> OAuthError:
    return invalid_authorization_details(problem.place, problem.reason)
