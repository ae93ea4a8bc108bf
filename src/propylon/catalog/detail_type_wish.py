"""A type of `authorization_details` as somebody wants it, and what is wrong with that. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from propylon.kernel.errors import FieldError
from propylon.oauth.detail_schema import schema_mistake

# A word, or a URN (RFC 9396, 2.1); it stands in addresses and messages.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class DetailTypeWish:
    """`schema` describes an object without `type`; `versions` names those of the product that it belongs to.

    `account_member`: in which member the customer's choice of accounts stands, or ""; `scope`: what tokens with such
    details carry, or "".
    """

    name: str
    title: str
    schema: Mapping[str, Any]
    versions: Sequence[str]
    account_member: str = ""
    scope: str = ""


def wish_mistakes(wish: DetailTypeWish, *, versions: frozenset[str], scopes: frozenset[str]) -> list[FieldError]:
    """`versions` and `scopes` are those of the product."""
    unknown = sorted(set(wish.versions) - versions)
    wrong = {
        "name": ""
        if _NAME.fullmatch(wish.name)
        else "1 to 80 of letters, digits and . _ : -, the first a letter or digit",
        "title": "" if 0 < len(wish.title) <= _LONGEST_TITLE else f"1 to {_LONGEST_TITLE} characters",
        "schema": schema_mistake(dict(wish.schema), account_member=wish.account_member),
        "versions": f"of the product; unknown: {', '.join(unknown)}"
        if unknown
        else ""
        if wish.versions
        else "at least one",
        "scope": "" if not wish.scope or wish.scope in scopes else "one of the product's scopes, or empty",
    }
    return [FieldError(field, "body", reason) for field, reason in wrong.items() if reason]
