"""Looking up applications and clients with the permission checked; another organization's ids answer 404."""

from __future__ import annotations

from collections.abc import Sequence

from propylon.accounts.access import require, visible_organizations
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.models import Application, Client, Contract, Regeneration, RegistrationToken
from propylon.kernel.errors import Kind, PropylonError


def access_application(user: User, public_id: str, permission: Permission) -> Application:
    """The application, if the user may know of it (else 404) and may do this (else 403)."""
    application = (
        Application.objects.select_related("organization")
        .filter(public_id=public_id, deleted_at=None, organization__in=visible_organizations(user))
        .first()
    )
    if application is None:
        raise PropylonError("application.unknown", "There is no such application among yours.", kind=Kind.NOT_FOUND)
    require(user, permission, application.organization)
    return application


def client_in(clients: Sequence[Client], environment: str) -> Client:
    """The one of an application's clients that is in this environment; the first for ""."""
    if not environment:
        return clients[0]
    found = next((client for client in clients if client.environment.name == environment), None)
    if found is None:
        raise _unknown_client()
    return found


def access_client(user: User, client_id: str, permission: Permission) -> Client:
    """The client (an application in one environment), with the same rules."""
    client = (
        Client.objects.select_related("application__organization", "environment", "plan", "service_account")
        .filter(
            client_id=client_id,
            application__deleted_at=None,
            application__organization__in=visible_organizations(user),
        )
        .first()
    )
    if client is None:
        raise _unknown_client()
    require(user, permission, client.application.organization)
    return client


def access_asking_customers(user: User, client_id: str) -> Client:
    """The client, for who may allow it to ask customers: its own people in a sandbox, elsewhere the operator."""
    client = access_client(user, client_id, Permission.MANAGE_APPLICATIONS)
    if not client.environment.approves_by_itself:
        require(user, Permission.MANAGE_PROGRAM, client.application.organization)
    return client


def access_regeneration(user: User, public_id: str, permission: Permission) -> Regeneration:
    """A request for new keys, with the same rules."""
    found = (
        Regeneration.objects.select_related(
            "client__application__organization", "client__environment", "asked_by", "decided_by"
        )
        .filter(
            public_id=public_id,
            client__application__deleted_at=None,
            client__application__organization__in=visible_organizations(user),
        )
        .first()
    )
    if found is None:
        raise PropylonError(
            "client.regeneration.unknown", "There is no such request for new keys among yours.", kind=Kind.NOT_FOUND
        )
    require(user, permission, found.client.application.organization)
    return found


def access_contract(user: User, public_id: str, permission: Permission) -> Contract:
    """A contract of one of the user's organizations, with the same rules."""
    found = (
        Contract.objects.select_related("organization")
        .filter(public_id=public_id, organization__in=visible_organizations(user))
        .first()
    )
    if found is None:
        raise PropylonError("contract.unknown", "There is no such contract among yours.", kind=Kind.NOT_FOUND)
    require(user, permission, found.organization)
    return found


def _unknown_client() -> PropylonError:
    return PropylonError("client.unknown", "There is no such client among yours.", kind=Kind.NOT_FOUND)


def access_registration_token(user: User, public_id: str) -> RegistrationToken:
    """An initial access token, for who manages its organization's members."""
    found = RegistrationToken.objects.select_related("organization", "environment").filter(public_id=public_id)
    token = found.filter(organization__in=visible_organizations(user)).first()
    if token is None:
        raise PropylonError(
            "registration_token.unknown", "There is no such initial access token among yours.", kind=Kind.NOT_FOUND
        )
    require(user, Permission.MANAGE_MEMBERS, token.organization)
    return token
