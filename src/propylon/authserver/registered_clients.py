"""A client as its registration says it: what RFC 7592 answers with."""

from __future__ import annotations

from propylon.applications.actions import reveal_secret
from propylon.applications.models import Client
from propylon.authserver.pairwise import sector_of_client
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.oauth.registration import Registration


def registration_of(client: Client) -> Registration:
    """Needs the client's application and subscriptions."""
    return Registration(
        type=client.application.type,
        profile=client.security_profile,
        auth_method=client.token_endpoint_auth_method,
        name=client.application.name,
        contact=client.application.contact_email,
        redirect_uris=tuple(client.redirect_uris),
        scope=(),
        keys=tuple(client.public_keys),
        binds_tokens=client.binds_tokens_to_certificate,
        requires_signed_requests=client.requires_signed_requests,
        is_pairwise=bool(sector_of_client(client.client_id)),
        key_address=client.jwks_uri,
        certificate_name=(client.certificate_name_kind, client.certificate_name),
    )


def secret_of(client: Client, *, acting_user: Actor) -> Secret | None:
    """Told and written down; None if it has none, or none before its approval."""
    return reveal_secret(acting_user=acting_user, client=client) if client.secret_digest else None
