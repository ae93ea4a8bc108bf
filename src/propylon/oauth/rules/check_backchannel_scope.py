"""The scope holds openid and what the client is subscribed to (CIBA Core, 7.1); it says all that is asked for."""

from __future__ import annotations

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import invalid_request, invalid_scope
from propylon.oauth.scopes import OPENID, parse_scope, require_known

_LONGEST_SCOPE = 1000


def check_backchannel_scope(attempt: BackchannelAttempt) -> None:
    text = attempt.parameters.get("scope", "")
    if not text:
        raise invalid_request("The parameter scope is missing: name openid and what you ask the customer for.")
    if len(text) > _LONGEST_SCOPE:
        raise invalid_scope(f"The scope is longer than {_LONGEST_SCOPE} characters.")
    names = parse_scope(text)
    if OPENID not in names:
        raise invalid_scope("The scope of such a request holds openid.")
    require_known(names, attempt.client.scopes | {OPENID})
    if "authorization_details" in attempt.parameters:  # else something would be left out in silence
        raise invalid_request(
            "authorization_details are not taken here. Send the customer to the authorization endpoint."
        )
