"""OpenID Connect RP-Initiated Logout 1.0, sections 2 and 3: which client asks, and where its customer goes then."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from propylon.oauth.errors import invalid_request

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_LONGEST_STATE = 2000


def client_that_asks(sent: Mapping[str, str], hinted_client: str) -> str:
    """By `client_id`, or as the audience of the hint; "" if it does not say. Both must agree."""
    named = sent.get("client_id", "")
    if named and hinted_client and named != hinted_client:
        raise invalid_request("client_id is not the client that the id_token_hint was issued to.")
    return named or hinted_client


def check_way_back(sent: Mapping[str, str], registered: Collection[str]) -> None:
    """Nobody is sent anywhere but to an address that this client has registered, character by character."""
    uri = sent.get("post_logout_redirect_uri", "")
    if uri and uri not in registered:
        raise invalid_request("This post_logout_redirect_uri is not registered for this client.")
    if len(sent.get("state", "")) > _LONGEST_STATE:
        raise invalid_request(f"The state is longer than {_LONGEST_STATE} characters.")
