"""A binding message is short and plain, so that a customer can compare it on two screens (CIBA Core, 7.1 and 13)."""

from __future__ import annotations

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import OAuthError

LONGEST_BINDING_MESSAGE = 100


def check_binding_message(attempt: BackchannelAttempt) -> None:
    message = attempt.parameters.get("binding_message")
    if message is None:
        if attempt.client.policy.asks_by_fapi_ciba:  # FAPI-CIBA, 5.2.2: nothing else makes the request unique
            raise OAuthError("invalid_binding_message", "This client sends a binding_message with each request.")
        return
    if len(message) > LONGEST_BINDING_MESSAGE or not message.isprintable() or not message.strip():
        raise OAuthError(
            "invalid_binding_message",
            f"binding_message is one line of at most {LONGEST_BINDING_MESSAGE} printable characters.",
        )
