"""Applications in the management API."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts.access import access_organization, actor_of, visible_organizations
from propylon.accounts.api_auth import current_user
from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_application
from propylon.applications.client_wish import environment_of, wish_of
from propylon.applications.schemas import (
    ApplicationChange,
    ApplicationIn,
    ApplicationOut,
    ApplicationPage,
    ClientIn,
    NewApplicationOut,
    NewClientOut,
    application_out,
    client_out,
)
from propylon.applications.selectors import (
    ApplicationSearch,
    complete_application,
    complete_applications,
    complete_client,
)
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.schemas import EventPage, event_page
from propylon.audit.selectors import events_about
from propylon.kernel.errors import FieldError, Kind, PropylonError

router = Router(tags=["Applications"])


class ApplicationQuery(PageQuery):
    organization: str = Field("", description="Id of one organization.")
    text: str = Field("", max_length=120, description="A part of the name, an id or a client id.")
    type: str = Field("", max_length=16)
    status: str = Field("", max_length=10, description="Of one of its clients: pending, approved or rejected.")
    environment: str = Field("", max_length=40, description="That client's environment.")


@router.get("", response=ApplicationPage, summary="The applications that you may see")
def list_applications(request: HttpRequest, query: Query[ApplicationQuery]) -> ApplicationPage:
    user = current_user(request)
    organizations = visible_organizations(user, Permission.VIEW_APPLICATIONS)
    if query.organization:
        chosen = access_organization(user, query.organization, Permission.VIEW_APPLICATIONS)
        organizations = organizations.filter(pk=chosen.pk)
    search = ApplicationSearch(query.text, query.type, query.status, query.environment)
    page = page_of(
        search.apply(complete_applications(organizations)),
        query,
        name="applications",
        filters={"organization": query.organization, **asdict(search)},
    )
    return ApplicationPage(data=[application_out(row) for row in page.rows], paging=page.paging)


@router.post("", response={201: NewApplicationOut}, summary="Add an application")
def register_application(request: HttpRequest, payload: ApplicationIn) -> Status[NewApplicationOut]:
    """In an environment that approves by itself the keys come with the answer."""
    user = current_user(request)
    application, _, secret = actions.register_application(
        acting_user=actor_of(user),
        organization=_organization_for(user, payload.organization),
        environment=environment_of(payload.environment),
        created_by=user,
        **payload.model_dump(exclude={"organization", "environment"}),
    )
    answer = application_out(complete_application(application)).model_dump()
    return Status(201, NewApplicationOut(**answer, client_secret=secret.reveal() if secret else None))


@router.get("/{application_id}", response=ApplicationOut, summary="One application with its clients")
def show_application(request: HttpRequest, application_id: str) -> ApplicationOut:
    application = access_application(current_user(request), application_id, Permission.VIEW_APPLICATIONS)
    return application_out(complete_application(application))


@router.patch("/{application_id}", response=ApplicationOut, summary="Change name or contact")
def change_application(request: HttpRequest, application_id: str, payload: ApplicationChange) -> ApplicationOut:
    user = current_user(request)
    application = access_application(user, application_id, Permission.MANAGE_APPLICATIONS)
    actions.change_application(acting_user=actor_of(user), application=application, **payload.model_dump())
    return application_out(complete_application(application))


@router.delete("/{application_id}", response={204: None}, summary="Delete the application and its keys")
def delete_application(request: HttpRequest, application_id: str) -> Status[None]:
    """Its tokens are refused within a second. Adding it again gives new keys."""
    user = current_user(request)
    application = access_application(user, application_id, Permission.MANAGE_APPLICATIONS)
    actions.delete_application(acting_user=actor_of(user), application=application)
    return Status(204, None)


@router.get("/{application_id}/history", response=EventPage, summary="What was done with the application")
def show_history(request: HttpRequest, application_id: str, query: Query[PageQuery]) -> EventPage:
    application = access_application(current_user(request), application_id, Permission.VIEW_APPLICATIONS)
    clients = application.clients.values_list("client_id", flat=True)
    things = [("application", application.public_id), *(("client", client_id) for client_id in clients)]
    return event_page(page_of(events_about(things), query, name=f"history of {application.public_id}"))


@router.post("/{application_id}/clients", response={201: NewClientOut}, summary="Ask for a further environment")
def add_client(request: HttpRequest, application_id: str, payload: ClientIn) -> Status[NewClientOut]:
    user = current_user(request)
    application = access_application(user, application_id, Permission.MANAGE_APPLICATIONS)
    client, secret = actions.add_client(
        acting_user=actor_of(user),
        application=application,
        environment=environment_of(payload.environment),
        wish=wish_of(payload, application.type),
    )
    answer = client_out(complete_client(client)).model_dump()
    return Status(201, NewClientOut(**answer, client_secret=secret.reveal() if secret else None))


def _organization_for(user: User, public_id: str) -> Organization:
    """The one named, or the user's only one."""
    if public_id:
        return access_organization(user, public_id, Permission.MANAGE_APPLICATIONS)
    own = list(Organization.objects.filter(memberships__user=user)[:2])
    if len(own) == 1:
        return access_organization(user, own[0].public_id, Permission.MANAGE_APPLICATIONS)
    raise PropylonError(
        "application.organization.missing",
        "Say for which organization: give its id.",
        kind=Kind.MALFORMED,
        errors=[FieldError("organization", "body", "needed, since you do not belong to exactly one")],
    )
