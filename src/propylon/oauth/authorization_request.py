"""The authorization endpoint's decision, RFC 6749 section 4.1.1 and RFC 9126: which rules, in which order.

What fails a rule of the first table is shown to the person: the redirect URI cannot be trusted yet (RFC 9700, 4.11).
What fails a rule of the second is sent to the client by redirect; a pushed request gets both as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_details import Detail, compact, read_details
from propylon.oauth.authorization_response import WayBack, default_mode, modes_for
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import CODE_TYPES, ProfilePolicy
from propylon.oauth.rules.check_code_challenge import check_code_challenge
from propylon.oauth.rules.check_details_asked import check_details_asked
from propylon.oauth.rules.check_each_once import check_each_once
from propylon.oauth.rules.check_identity_once import check_identity_once
from propylon.oauth.rules.check_implicit import check_implicit
from propylon.oauth.rules.check_key_named import check_key_named
from propylon.oauth.rules.check_may_authorize import check_may_authorize
from propylon.oauth.rules.check_nonce import check_nonce
from propylon.oauth.rules.check_pushed import check_pushed
from propylon.oauth.rules.check_redirect_uri import check_redirect_uri
from propylon.oauth.rules.check_request_signed import check_request_signed
from propylon.oauth.rules.check_response_type import check_response_type
from propylon.oauth.rules.check_scope_asked import check_scope_asked
from propylon.oauth.rules.check_sign_in_wish import check_sign_in_wish
from propylon.oauth.scopes import parse_scope
from propylon.oauth.sign_in_wish import PARAMETERS as SIGN_IN_PARAMETERS

Rule = Callable[[AuthorizationAttempt], None]

SHOWN_RULES: tuple[Rule, ...] = (check_identity_once, check_may_authorize, check_redirect_uri)
REDIRECTED_RULES: tuple[Rule, ...] = (
    check_each_once,
    check_pushed,
    check_request_signed,
    check_response_type,
    check_implicit,
    check_code_challenge,
    check_key_named,
    check_nonce,
    check_scope_asked,
    check_details_asked,
    check_sign_in_wish,
)


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """An authorization request that passed every rule. `code_challenge` is empty where no code is asked for, and for
    a client that was allowed to leave it out."""

    redirect_uri: str
    scope: tuple[str, ...]
    state: str
    nonce: str
    code_challenge: str
    dpop_jkt: str = ""
    response_mode: str = "query"
    is_signed: bool = False
    details: tuple[Detail, ...] = ()
    response_type: str = "code"
    sign_in: Mapping[str, str] = field(default_factory=dict)  # as sent: `oauth.sign_in_wish` reads it

    def as_dict(self) -> dict[str, str]:
        return {
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scope),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.code_challenge,
            "dpop_jkt": self.dpop_jkt,
            "response_mode": self.response_mode,
            "is_signed": "yes" if self.is_signed else "",
            "authorization_details": compact(self.details) if self.details else "",
            "response_type": self.response_type,
            **self.sign_in,
        }


class SentBack(Exception):  # noqa: N818  (it is an answer on its way, not a failure of ours)
    """A refusal that goes to the client at its registered redirect URI."""

    def __init__(self, error: OAuthError, back: WayBack) -> None:
        super().__init__(str(error))
        self.error = error
        self.back = back


def check_authorization(attempt: AuthorizationAttempt) -> CheckedRequest:
    """Raises `OAuthError` for what must be shown, `SentBack` for what may be redirected."""
    for rule in SHOWN_RULES:
        rule(attempt)
    try:
        for rule in REDIRECTED_RULES:
            rule(attempt)
    except OAuthError as error:
        raise SentBack(error, _way_back(attempt)) from error
    return _checked(attempt)


def check_still_allowed(policy: ProfilePolicy, parameters: Mapping[str, str], back: WayBack) -> None:
    """While the customer read, the permission to ask so may have ended. `parameters`: `CheckedRequest.as_dict`."""
    response_type = parameters.get("response_type", "code")
    lacks_challenge = response_type in CODE_TYPES and policy.requires_pkce and not parameters["code_challenge"]
    if response_type not in policy.response_types or lacks_challenge:
        raise SentBack(OAuthError("unauthorized_client", "This client may not ask in this way any more."), back)


def _way_back(attempt: AuthorizationAttempt) -> WayBack:
    """Of a request that may be wrong in everything but its redirect URI."""
    once = {name: value for name, value in attempt.parameters.items() if name not in attempt.repeated}
    allowed = attempt.response_type in attempt.client.policy.response_types
    response_type = attempt.response_type if allowed else "code"
    mode = once.get("response_mode", "")
    return WayBack(
        client_id=attempt.client.client_id,
        redirect_uri=attempt.parameters["redirect_uri"],
        state=once.get("state", ""),
        response_mode=mode if mode in modes_for(response_type) else default_mode(response_type),
    )


def _checked(attempt: AuthorizationAttempt) -> CheckedRequest:
    parameters = attempt.parameters
    key = attempt.proof.thumbprint if attempt.proof else parameters.get("dpop_jkt", "")
    return CheckedRequest(
        redirect_uri=parameters["redirect_uri"],
        scope=parse_scope(parameters["scope"]) if "scope" in parameters else (),
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        code_challenge=parameters.get("code_challenge", "") if attempt.response_type in CODE_TYPES else "",
        dpop_jkt=key,
        response_mode=parameters.get("response_mode", default_mode(attempt.response_type)),
        is_signed=attempt.is_signed,
        details=read_details(parameters["authorization_details"]) if "authorization_details" in parameters else (),
        response_type=attempt.response_type,
        sign_in={name: parameters[name] for name in SIGN_IN_PARAMETERS if name in parameters},
    )
