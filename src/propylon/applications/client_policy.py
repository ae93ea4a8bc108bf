"""The policy of a client: its application's type, its profile and how it authenticates, looked up in one place."""

from __future__ import annotations

from propylon.applications.models import Client
from propylon.oauth.policy import ProfilePolicy, policy_for


def policy_of(client: Client) -> ProfilePolicy:
    """Needs the client's application."""
    return policy_for(client.application.type, client.security_profile).by(client.token_endpoint_auth_method)
