"""The authorization endpoint's decision, RFC 6749 section 4.1.1 and RFC 9126: which rules, in which order.

What fails a rule of the first table is shown to the person: the redirect URI cannot be trusted yet (RFC 9700, 4.11).
What fails a rule of the second is sent to the client by redirect; a pushed request gets both as JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.rules.check_code_challenge import check_code_challenge
from propylon.oauth.rules.check_each_once import check_each_once
from propylon.oauth.rules.check_identity_once import check_identity_once
from propylon.oauth.rules.check_key_named import check_key_named
from propylon.oauth.rules.check_may_authorize import check_may_authorize
from propylon.oauth.rules.check_no_request_object import check_no_request_object
from propylon.oauth.rules.check_nonce import check_nonce
from propylon.oauth.rules.check_prompt import check_prompt
from propylon.oauth.rules.check_pushed import check_pushed
from propylon.oauth.rules.check_redirect_uri import check_redirect_uri
from propylon.oauth.rules.check_response_type import check_response_type
from propylon.oauth.rules.check_scope_asked import check_scope_asked
from propylon.oauth.scopes import parse_scope

Rule = Callable[[AuthorizationAttempt], None]

SHOWN_RULES: tuple[Rule, ...] = (check_identity_once, check_may_authorize, check_redirect_uri)
REDIRECTED_RULES: tuple[Rule, ...] = (
    check_each_once,
    check_pushed,
    check_no_request_object,
    check_response_type,
    check_code_challenge,
    check_key_named,
    check_nonce,
    check_scope_asked,
    check_prompt,
)


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """An authorization request that passed every rule."""

    redirect_uri: str
    scope: tuple[str, ...]
    state: str
    nonce: str
    code_challenge: str
    dpop_jkt: str = ""

    def as_dict(self) -> dict[str, str]:
        return {
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scope),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.code_challenge,
            "dpop_jkt": self.dpop_jkt,
        }


class SentBack(Exception):  # noqa: N818  (it is an answer on its way, not a failure of ours)
    """A refusal that goes to the client at its registered redirect URI."""

    def __init__(self, error: OAuthError, redirect_uri: str, state: str) -> None:
        super().__init__(str(error))
        self.error = error
        self.redirect_uri = redirect_uri
        self.state = state


def check_authorization(attempt: AuthorizationAttempt) -> CheckedRequest:
    """Raises `OAuthError` for what must be shown, `SentBack` for what may be redirected."""
    for rule in SHOWN_RULES:
        rule(attempt)
    try:
        for rule in REDIRECTED_RULES:
            rule(attempt)
    except OAuthError as error:
        state = "" if "state" in attempt.repeated else attempt.parameters.get("state", "")
        raise SentBack(error, attempt.parameters["redirect_uri"], state) from error
    return _checked(attempt)


def _checked(attempt: AuthorizationAttempt) -> CheckedRequest:
    parameters = attempt.parameters
    key = attempt.proof.thumbprint if attempt.proof else parameters.get("dpop_jkt", "")
    return CheckedRequest(
        redirect_uri=parameters["redirect_uri"],
        scope=parse_scope(parameters["scope"]),
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        code_challenge=parameters["code_challenge"],
        dpop_jkt=key,
    )
