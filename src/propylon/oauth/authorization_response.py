"""The answer to an authorization request: RFC 6749, 4.1.2; RFC 9207, `iss` in every one; JARM, where it is signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from propylon.oauth.policy import IMPLICIT_TYPES

RESPONSE_MODES = ("query", "jwt", "query.jwt")  # for the code flow `jwt` is `query.jwt` (JARM, 2.3.4)
FRAGMENT, FORM_POST = "fragment", "form_post"
IMPLICIT_MODES = (FRAGMENT, FORM_POST)  # a token never stands in the query
RESPONSE_TTL = 600  # seconds that a signed answer may be believed: JARM, 2.1, asks for ten minutes at most

Sign = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where the client gets its answer, and in which form. `response_mode`: see `modes_for`."""

    client_id: str
    redirect_uri: str
    state: str = ""
    response_mode: str = "query"


@dataclass(frozen=True, slots=True)
class FormPost:
    """An answer that the browser posts to the client (OAuth 2.0 Form Post Response Mode, 2)."""

    redirect_uri: str
    members: Mapping[str, str]


def modes_for(response_type: str) -> tuple[str, ...]:
    return IMPLICIT_MODES if response_type in IMPLICIT_TYPES else RESPONSE_MODES


def default_mode(response_type: str) -> str:
    return modes_for(response_type)[0]


def answer_address(back: WayBack, members: Mapping[str, str], *, issuer: str, now: int, sign: Sign) -> str:
    """Where the browser goes with `members`: a code, or an error. `sign` makes a JWT of claims."""
    answer = {**members, "state": back.state}
    if back.response_mode == "query":
        return _with_query(back.redirect_uri, {**answer, "iss": issuer})
    if back.response_mode in IMPLICIT_MODES:
        return f"{back.redirect_uri}#{_encoded({**answer, 'iss': issuer})}"
    claims: dict[str, Any] = {"iss": issuer, "aud": back.client_id, "exp": now + RESPONSE_TTL}
    claims |= {name: value for name, value in answer.items() if value}
    return _with_query(back.redirect_uri, {"response": sign(claims)})


def _with_query(uri: str, members: Mapping[str, str]) -> str:
    """Keeps the registered query (RFC 6749, 3.1.2); an absent state stays absent."""
    joint = "&" if "?" in uri else "?"
    return uri + joint + _encoded(members)


def _encoded(members: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in members.items() if value})
