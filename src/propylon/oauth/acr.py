"""How a customer signed in, as `acr` and `amr` say it: OpenID Connect Core 2, RFC 8176, RFC 9470.

Two ways, the second one stronger. The gateway compares an operation's acr values with the token's; so whoever writes
a rule lists each way that is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ONE_STEP = "urn:propylon:acr:one-step"
TWO_STEPS = "urn:propylon:acr:two-steps"
ACR_VALUES = (ONE_STEP, TWO_STEPS)  # the weakest first

HIGH = "high"
RISKS = ("low", "normal", HIGH)  # of scopes; what a high one lets an application do needs the stronger way


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that happened. `acr` is one of ACR_VALUES; `amr` names of RFC 8176."""

    acr: str
    amr: tuple[str, ...]


BY_PASSWORD = SignIn(ONE_STEP, ("pwd",))
BY_PROVIDER = SignIn(ONE_STEP, ())  # the bank's own login: how it went on there is not told
BY_CODE_AS_WELL = SignIn(TWO_STEPS, ("pwd", "otp", "mfa"))


def wanted_acr(asked: Iterable[str], risks: Iterable[str]) -> str:
    """The way to sign in: the first one asked for that there is, and never less than what is asked for is worth."""
    known = [value for value in asked if value in ACR_VALUES]
    if HIGH in risks:
        return TWO_STEPS
    return known[0] if known else ONE_STEP


def is_enough(acr: str, wanted: str) -> bool:
    return acr in ACR_VALUES and ACR_VALUES.index(acr) >= ACR_VALUES.index(wanted)
