"""How a client wants its customer to sign in: the parameters of OpenID Connect Core 3.1.2.1, `claims` of 5.5.

A wish never makes it easier: what a login that has happened is good for is `oauth.login_session`'s to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.oauth.acr import ACR_VALUES
from propylon.oauth.errors import OAuthError, invalid_request

PARAMETERS = ("prompt", "max_age", "acr_values", "claims", "login_hint", "id_token_hint", "ui_locales")
PROMPTS = ("none", "login", "consent", "select_account")

_LONGEST = {"acr_values": 1000, "claims": 4000, "login_hint": 120, "id_token_hint": 8000, "ui_locales": 200}
_LONGEST_AGE = 2**31


@dataclass(frozen=True, slots=True)
class SignInWish:
    """`acr_values` in the client's order; `is_essential`: none but these will do. `subject` is whom it expects, ""
    for anybody; `max_age` in seconds."""

    acr_values: tuple[str, ...] = ()
    is_essential: bool = False
    max_age: int | None = None
    subject: str = ""
    login_hint: str = ""
    id_token_hint: str = ""
    languages: tuple[str, ...] = ()
    prompts: frozenset[str] = frozenset()

    @property
    def is_silent(self) -> bool:
        """No page may be shown."""
        return "none" in self.prompts


def read_sign_in_wish(parameters: Mapping[str, str]) -> SignInWish:
    """Raises the refusal that the client gets."""
    for name, longest in _LONGEST.items():
        if len(parameters.get(name, "")) > longest:
            raise invalid_request(f"The parameter {name} is longer than {longest} characters.")
    prompts = _prompts(parameters.get("prompt", "").split())
    claims = _object(parameters.get("claims", "{}"), "claims")
    of_id_token = _object(claims.get("id_token") or {}, "claims.id_token")
    _object(claims.get("userinfo") or {}, "claims.userinfo")
    acr = _object(of_id_token.get("acr") or {}, "claims.id_token.acr")
    asked, is_essential = _asked_acr(acr, parameters.get("acr_values", "").split())
    return SignInWish(
        acr_values=asked,
        is_essential=is_essential,
        max_age=_seconds(parameters.get("max_age")),
        subject=_subject(_object(of_id_token.get("sub") or {}, "claims.id_token.sub")),
        login_hint=parameters.get("login_hint", ""),
        id_token_hint=parameters.get("id_token_hint", ""),
        languages=tuple(parameters.get("ui_locales", "").split()),
        prompts=prompts,
    )


def _prompts(values: list[str]) -> frozenset[str]:
    if unknown := set(values) - set(PROMPTS):
        raise invalid_request("The values of prompt are none, login, consent and select_account.", detail=str(unknown))
    if "none" in values and len(set(values)) > 1:
        raise invalid_request("prompt=none stands alone.")
    return frozenset(values)


def _asked_acr(acr: Mapping[str, Any], voluntary: list[str]) -> tuple[tuple[str, ...], bool]:
    """5.5.1.1: what `claims` asks for wins; if it is essential and there is no such way here, nobody signs in."""
    wanted = acr.get("values", [acr["value"]] if "value" in acr else [])
    is_essential = acr.get("essential", False)
    are_texts = isinstance(wanted, list) and all(isinstance(value, str) for value in wanted)
    if not isinstance(is_essential, bool) or not are_texts:
        raise invalid_request("In the parameter claims, acr has essential (true or false) and value or values (texts).")
    if wanted and is_essential and not set(wanted) & set(ACR_VALUES):
        raise OAuthError(
            "unmet_authentication_requirements", f"Customers sign in here by {' or '.join(ACR_VALUES)} alone."
        )
    return tuple(wanted or voluntary), is_essential and bool(wanted)


def _subject(asked: Mapping[str, Any]) -> str:
    value = asked.get("value", "")
    if not isinstance(value, str):
        raise invalid_request("In the parameter claims, the value of sub is a text.")
    return value


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > _LONGEST_AGE:
        raise invalid_request("max_age is a number of seconds.")
    return int(text)


def _object(given: str | Any, place: str) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, dict):
        raise invalid_request(f"{place} is a JSON object (OpenID Connect Core, 5.5).")
    return given
