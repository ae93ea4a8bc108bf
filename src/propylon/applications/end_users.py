"""Requests for end users: reading and looking up."""

from __future__ import annotations

from django.db.models import QuerySet

from propylon.accounts.access import require, visible_organizations
from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission
from propylon.applications.models import Client, EndUserRequest, RegenerationState
from propylon.kernel.errors import Kind, PropylonError

_WITH = ("client__application__organization", "client__environment", "asked_by", "decided_by")


def end_user_requests(organizations: QuerySet[Organization], *, state: str = "") -> QuerySet[EndUserRequest]:
    found = EndUserRequest.objects.select_related(*_WITH).filter(
        client__application__organization__in=organizations, client__application__deleted_at=None
    )
    return found.filter(state=state) if state else found


def end_user_requests_of(client: Client) -> QuerySet[EndUserRequest]:
    return EndUserRequest.objects.select_related("asked_by", "decided_by").filter(client=client).order_by("-pk")


def waiting_end_user_requests() -> QuerySet[EndUserRequest]:
    return EndUserRequest.objects.filter(state=RegenerationState.WAITING, client__application__deleted_at=None)


def access_end_user_request(user: User, public_id: str, permission: Permission) -> EndUserRequest:
    """404 if it is another organization's, 403 if the role does not allow what is asked."""
    found = end_user_requests(visible_organizations(user)).filter(public_id=public_id).first()
    if found is None:
        raise PropylonError(
            "end_users.unknown", "There is no such request for end users among yours.", kind=Kind.NOT_FOUND
        )
    require(user, permission, found.client.application.organization)
    return found
