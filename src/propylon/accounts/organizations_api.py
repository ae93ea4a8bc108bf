"""Organizations, their members, invitations and history in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts import actions, selectors
from propylon.accounts.access import access_organization, actor_of, require, visible_organizations
from propylon.accounts.api_auth import current_user
from propylon.accounts.models import Organization
from propylon.accounts.roles import Permission
from propylon.accounts.schemas import (
    InvitationIn,
    InvitationOut,
    InvitationPage,
    MemberOut,
    MemberPage,
    OrganizationIn,
    OrganizationOut,
    OrganizationPage,
    RoleIn,
    invitation_out,
    member_out,
    organization_out,
)
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.schemas import EventPage, event_page
from propylon.audit.selectors import events

router = Router(tags=["Organizations"])


class OrganizationQuery(PageQuery):
    name: str = Field("", max_length=120, description="A part of the name.")


@router.get("", response=OrganizationPage, summary="The organizations that you may see")
def list_organizations(request: HttpRequest, query: Query[OrganizationQuery]) -> OrganizationPage:
    found = visible_organizations(current_user(request))
    if query.name:
        found = found.filter(name__icontains=query.name.strip())
    page = page_of(found, query, name="organizations", filters={"name": query.name}, newest_first=False)
    return OrganizationPage(data=[organization_out(row) for row in page.rows], paging=page.paging)


@router.post("", response={201: OrganizationOut}, summary="Add an organization (operator)")
def create_organization(request: HttpRequest, payload: OrganizationIn) -> Status[OrganizationOut]:
    user = current_user(request)
    require(user, Permission.MANAGE_PROGRAM)
    return Status(201, organization_out(actions.create_organization(acting_user=actor_of(user), name=payload.name)))


@router.get("/{organization_id}", response=OrganizationOut, summary="One organization")
def show_organization(request: HttpRequest, organization_id: str) -> OrganizationOut:
    return organization_out(access_organization(current_user(request), organization_id))


@router.get("/{organization_id}/history", response=EventPage, summary="What was done in the organization")
def show_history(request: HttpRequest, organization_id: str, query: Query[PageQuery]) -> EventPage:
    organization = access_organization(current_user(request), organization_id, Permission.VIEW_APPLICATIONS)
    found = events(organization_id=organization.public_id)
    return event_page(page_of(found, query, name=f"history of {organization.public_id}"))


@router.get("/{organization_id}/members", response=MemberPage, summary="Members and their roles")
def list_members(request: HttpRequest, organization_id: str, query: Query[PageQuery]) -> MemberPage:
    organization = access_organization(current_user(request), organization_id)
    page = page_of(
        selectors.members(organization), query, name=f"members of {organization.public_id}", newest_first=False
    )
    return MemberPage(data=[member_out(row) for row in page.rows], paging=page.paging)


@router.patch("/{organization_id}/members/{user_id}", response=MemberOut, summary="Give a member another role")
def change_member(request: HttpRequest, organization_id: str, user_id: str, payload: RoleIn) -> MemberOut:
    user = current_user(request)
    membership = selectors.membership_of(_managed(request, organization_id), user_id)
    return member_out(actions.change_role(acting_user=actor_of(user), membership=membership, role=payload.role))


@router.delete("/{organization_id}/members/{user_id}", response={204: None}, summary="Remove a member")
def remove_member(request: HttpRequest, organization_id: str, user_id: str) -> Status[None]:
    user = current_user(request)
    membership = selectors.membership_of(_managed(request, organization_id), user_id)
    actions.remove_member(acting_user=actor_of(user), membership=membership)
    return Status(204, None)


@router.get("/{organization_id}/invitations", response=InvitationPage, summary="Invitations that wait for an answer")
def list_invitations(request: HttpRequest, organization_id: str, query: Query[PageQuery]) -> InvitationPage:
    organization = _managed(request, organization_id)
    page = page_of(selectors.open_invitations(organization), query, name=f"invitations of {organization.public_id}")
    return InvitationPage(data=[invitation_out(row) for row in page.rows], paging=page.paging)


@router.post("/{organization_id}/invitations", response={201: InvitationOut}, summary="Invite a person by mail")
def invite(request: HttpRequest, organization_id: str, payload: InvitationIn) -> Status[InvitationOut]:
    organization = _managed(request, organization_id)
    invitation = actions.invite_member(
        acting_user=actor_of(current_user(request)),
        organization=organization,
        email=payload.email,
        role=payload.role,
    )
    return Status(201, invitation_out(invitation))


@router.delete("/{organization_id}/invitations/{invitation_id}", response={204: None}, summary="Withdraw an invitation")
def withdraw(request: HttpRequest, organization_id: str, invitation_id: str) -> Status[None]:
    organization = _managed(request, organization_id)
    actions.withdraw_invitation(
        acting_user=actor_of(current_user(request)),
        invitation=selectors.invitation_of(organization, invitation_id),
    )
    return Status(204, None)


def _managed(request: HttpRequest, organization_id: str) -> Organization:
    return access_organization(current_user(request), organization_id, Permission.MANAGE_MEMBERS)
