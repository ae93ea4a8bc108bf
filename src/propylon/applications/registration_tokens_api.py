"""Initial access tokens for dynamic registration (RFC 7591, 3) in the management API."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from propylon.accounts.access import access_organization, actor_of, require, visible_organizations
from propylon.accounts.api_auth import current_user
from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_registration_token
from propylon.applications.client_wish import environment_of
from propylon.applications.models import RegistrationToken
from propylon.audit.paging import PageQuery, Paging, page_of

router = Router(tags=["Registration"])


class RegistrationTokenIn(Schema):
    organization: str = Field(max_length=40, description="Id; applications will be its own.")
    environment: str = Field(max_length=40, description="Where they are registered.")
    note: str = Field(max_length=400, description="For whom it is; it stays in the history of what is registered.")
    uses: int = Field(1, description="How many applications it registers, 1 to 100.")
    days: int = Field(7, description="How long it lasts, 1 to 90.")


class RegistrationTokenOut(Schema):
    id: str
    organization: str
    environment: str
    note: str
    created_at: datetime
    expires_at: datetime
    uses_left: int
    is_live: bool


class NewRegistrationTokenOut(RegistrationTokenOut):
    token: str = Field(description="Told once. Sent to /oauth/register as Authorization: Bearer.")


class RegistrationTokenPage(Schema):
    data: list[RegistrationTokenOut]
    paging: Paging


@router.get("/registration-tokens", response=RegistrationTokenPage, summary="Initial access tokens for registrations")
def list_registration_tokens(request: HttpRequest, query: Query[PageQuery]) -> RegistrationTokenPage:
    organizations = visible_organizations(current_user(request), Permission.MANAGE_MEMBERS)
    found = RegistrationToken.objects.filter(organization__in=organizations)
    page = page_of(found.select_related("organization", "environment"), query, name="registration tokens")
    return RegistrationTokenPage(data=[_out(row) for row in page.rows], paging=page.paging)


@router.post(
    "/registration-tokens", response={201: NewRegistrationTokenOut}, summary="Make an initial access token (RFC 7591)"
)
def make_registration_token(request: HttpRequest, payload: RegistrationTokenIn) -> Status[NewRegistrationTokenOut]:
    """By the operator; by the organization's manager where PROPYLON_REGISTRATION_BY_PARTNERS is on."""
    user = current_user(request)
    organization = access_organization(user, payload.organization)
    _require_maker(user, organization)
    token, secret = actions.make_registration_token(
        acting_user=actor_of(user),
        organization=organization,
        environment=environment_of(payload.environment),
        created_by=user,
        note=payload.note,
        uses=payload.uses,
        days=payload.days,
    )
    return Status(201, NewRegistrationTokenOut(**_out(token).model_dump(), token=secret.reveal()))


@router.delete("/registration-tokens/{token_id}", response={204: None}, summary="End an initial access token")
def end_registration_token(request: HttpRequest, token_id: str) -> Status[None]:
    """At once. What was registered with it stays."""
    user = current_user(request)
    token = access_registration_token(user, token_id)
    actions.end_registration_token(acting_user=actor_of(user), token=token)
    return Status(204, None)


def _require_maker(user: User, organization: Organization) -> None:
    """An operator; or who manages the organization, where the installation lets partners register."""
    by_partners = settings.PROPYLON_REGISTRATION_BY_PARTNERS
    require(user, Permission.MANAGE_MEMBERS if by_partners else Permission.MANAGE_PROGRAM, organization)


def _out(token: RegistrationToken) -> RegistrationTokenOut:
    return RegistrationTokenOut(
        id=token.public_id,
        organization=token.organization.public_id,
        environment=token.environment.name,
        note=token.note,
        created_at=token.created_at,
        expires_at=token.expires_at,
        uses_left=token.uses_left,
        is_live=token.is_live,
    )
