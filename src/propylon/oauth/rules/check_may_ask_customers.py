"""Customers are asked by active confidential clients that were allowed to (CIBA Core, 7.1 and 13; FAPI-CIBA, 5.2.2)."""

from __future__ import annotations

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import CIBA


def check_may_ask_customers(attempt: BackchannelAttempt) -> None:
    policy = attempt.client.policy
    if not attempt.client.is_active or policy.is_public or CIBA not in policy.grants:
        raise OAuthError("unauthorized_client", "This client may not ask customers on their own devices.")
