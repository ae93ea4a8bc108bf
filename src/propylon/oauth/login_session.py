"""What a login that has happened is still good for: OpenID Connect Core 3.1.2.1 and 3.1.2.6.

Strict where the standard leaves room (docs/explanation/login-sessions.md says why): a login session spares the customer
the password alone. The consent page is left out only for `prompt=none`, for a consent that stands word by word, and
never where a scope's risk is high. Only a client that the customer lets in at present learns that they are logged in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from propylon.oauth.acr import HIGH, ONE_STEP, SignIn, is_enough, wanted_acr
from propylon.oauth.authorization_details import Detail
from propylon.oauth.errors import OAuthError
from propylon.oauth.sign_in_wish import SignInWish

_ASKED_TO_CHOOSE = frozenset({"login", "select_account"})


@dataclass(frozen=True, slots=True)
class Login:
    """A login of this browser that has not ended. `signed_in_at`: epoch seconds."""

    subject: str
    sign_in: SignIn
    signed_in_at: int


@dataclass(frozen=True, slots=True)
class StandingConsent:
    """A live consent of this customer to this client, given on a consent page."""

    scopes: frozenset[str]
    details: tuple[Detail, ...]


def spares_password(login: Login, wish: SignInWish, now: int) -> bool:
    """Whether the authorization may go on with this login; else the customer logs in anew."""
    if _ASKED_TO_CHOOSE & wish.prompts:
        return False
    return wish.max_age is None or now - login.signed_in_at < wish.max_age


def carried_over(sign_in: SignIn, risks: Collection[str]) -> SignIn:
    """What of a login counts for another authorization: where the risk is high, its second step does not."""
    if HIGH not in risks or sign_in.acr == ONE_STEP:
        return sign_in
    return SignIn(ONE_STEP, tuple(each for each in sign_in.amr if each == "pwd"))


def check_silent(
    login: Login | None,
    wish: SignInWish,
    *,
    scopes: Iterable[str],
    details: tuple[Detail, ...],
    risks: Collection[str],
    standing: Collection[StandingConsent],
) -> None:
    """For `prompt=none`. Raises the refusal of 3.1.2.6; returns if `login` and one of `standing` answer for it."""
    if login is None or not standing:
        raise OAuthError("login_required", "The customer must log in, or has allowed this client nothing yet.")
    if HIGH in risks or not is_enough(login.sign_in.acr, wanted_acr(wish.acr_values, risks)):
        raise OAuthError("interaction_required", "What is asked for needs a second step, which the customer must take.")
    if not any(covers(each, scopes, details) for each in standing):
        raise OAuthError("consent_required", "The customer has not allowed exactly this. Ask without prompt=none.")


def covers(consent: StandingConsent, scopes: Iterable[str], details: tuple[Detail, ...]) -> bool:
    """Exactly: not more, not less. Details as they were granted, with the accounts that the customer chose."""
    return consent.scopes == frozenset(scopes) and _text(consent.details) == _text(details)


def _text(details: tuple[Detail, ...]) -> str:
    """Members in any order; 1 is not true."""
    return json.dumps(details, sort_keys=True)
