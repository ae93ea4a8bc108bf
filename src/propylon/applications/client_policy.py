"""The policy of a client: its application's type, its profile and how it authenticates, looked up in one place."""

from __future__ import annotations

from propylon.applications.models import Client
from propylon.oauth.policy import CIBA, ProfilePolicy, legacy_policy, policy_for


def policy_of(client: Client) -> ProfilePolicy:
    """Needs the client's application."""
    allowed = legacy_policy_of(client) if client.is_legacy else None
    policy = allowed or policy_for(client.application.type, client.security_profile)
    policy = policy.by(client.token_endpoint_auth_method)
    return policy.allowing({CIBA}) if client.may_ask_customers else policy


def legacy_policy_of(client: Client) -> ProfilePolicy | None:
    """What an operator may allow it until a day; None: nothing. Needs the client's application."""
    return legacy_policy(client.application.type, client.security_profile)


def may_be_allowed_to_ask(client: Client) -> bool:
    """Customers on their own devices. Needs the client's application."""
    return CIBA in policy_of(client).grants_on_request
