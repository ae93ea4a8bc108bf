"""What the implicit flow asks for besides (OpenID Connect Core, 3.2.2.1): a nonce and `openid`;
and what it has not: keys to bind to, and rich requests."""

from __future__ import annotations

from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.errors import invalid_request, invalid_scope
from propylon.oauth.policy import IMPLICIT_TYPES
from propylon.oauth.scopes import OPENID


def check_implicit(attempt: AuthorizationAttempt) -> None:
    if attempt.response_type not in IMPLICIT_TYPES:
        return
    parameters = attempt.parameters
    if "dpop_jkt" in parameters or attempt.proof is not None:
        raise invalid_request("Tokens of the implicit flow cannot be bound to a key. Use response_type=code.")
    if "authorization_details" in parameters:
        raise invalid_request("authorization_details are for the code flow. Use response_type=code.")
    if "id_token" not in attempt.response_type.split(" "):
        return
    if not parameters.get("nonce"):
        raise invalid_request("The parameter nonce is missing: an ID token from the address needs it.")
    if OPENID not in parameters.get("scope", "").split(" "):
        raise invalid_scope("An ID token needs the scope openid.")
