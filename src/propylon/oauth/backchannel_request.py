"""The backchannel authentication endpoint's decision, OpenID Connect CIBA Core 1.0, 7.1: which rules, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.rules.check_backchannel_scope import check_backchannel_scope
from propylon.oauth.rules.check_backchannel_signed import check_backchannel_signed
from propylon.oauth.rules.check_binding_message import check_binding_message
from propylon.oauth.rules.check_may_ask_customers import check_may_ask_customers
from propylon.oauth.rules.check_one_hint import HINTS, check_one_hint
from propylon.oauth.rules.check_requested_expiry import check_requested_expiry
from propylon.oauth.scopes import parse_scope
from propylon.oauth.tokens import BACKCHANNEL_TTL, LONGEST_BACKCHANNEL_TTL

Rule = Callable[[BackchannelAttempt], None]

BACKCHANNEL_RULES: tuple[Rule, ...] = (
    check_may_ask_customers,
    check_backchannel_signed,
    check_one_hint,
    check_backchannel_scope,
    check_binding_message,
    check_requested_expiry,
)
PARAMETERS = frozenset(
    {*HINTS, "scope", "acr_values", "binding_message", "user_code", "requested_expiry", "client_notification_token"}
    | {"authorization_details", "request_uri"}
)


@dataclass(frozen=True, slots=True)
class CheckedBackchannel:
    """A request that passed every rule. One of the two hints is set; `lifetime` in seconds."""

    login_hint: str
    id_token_hint: str
    scope: tuple[str, ...]
    binding_message: str
    lifetime: int


def check_backchannel(attempt: BackchannelAttempt) -> CheckedBackchannel:
    """Raises the first rule's refusal."""
    for rule in BACKCHANNEL_RULES:
        rule(attempt)
    parameters = attempt.parameters
    wanted = int(parameters.get("requested_expiry", BACKCHANNEL_TTL))
    return CheckedBackchannel(
        login_hint=parameters.get("login_hint", ""),
        id_token_hint=parameters.get("id_token_hint", ""),
        scope=parse_scope(parameters["scope"]),
        binding_message=parameters.get("binding_message", ""),
        lifetime=min(wanted, LONGEST_BACKCHANNEL_TTL),
    )


def unknown_user_id(detail: str) -> OAuthError:
    """One sentence for every reason, and for every hint (CIBA Core, 13)."""
    return OAuthError("unknown_user_id", "No customer is found by this hint.", detail=detail)


def not_asked(detail: str) -> OAuthError:
    """CIBA Core, 13: the server refuses to ask, whoever it may be about."""
    return OAuthError(
        "access_denied", "The customer is not asked: too many questions. Wait some minutes.", status=403, detail=detail
    )
