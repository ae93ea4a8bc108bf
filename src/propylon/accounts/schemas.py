"""What the management API takes and says of accounts, organizations and members."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from ninja import Field, Schema

from propylon.accounts.models import Invitation, Membership, Organization, PersonalAccessToken, User
from propylon.accounts.roles import ROLES
from propylon.audit.paging import Paging


class SignUpIn(Schema):
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password: str = Field(max_length=2000)
    organization_name: str = Field(max_length=200)
    language: str = Field("", max_length=12, description="Of pages and mails: a code of this installation's languages.")
    terms_version: str = Field("", max_length=20, description="The version of the terms that the person accepted.")


class TokenIn(Schema):
    """The token of a mail's link."""

    token: str = Field(max_length=200)


class AcceptanceIn(TokenIn):
    name: str = Field("", max_length=200, description="Needed if the address has no account yet.")
    password: str = Field("", max_length=2000, description="Needed if the address has no account yet.")
    language: str = Field("", max_length=12)
    terms_version: str = Field("", max_length=20, description="The version of the terms that the person accepted.")


class AcceptedOut(Schema):
    message: str


class SignInIn(Schema):
    email: str = Field(max_length=254)
    password: str = Field(max_length=2000)
    code: str = Field("", max_length=20, description="The second step, if the account asks for one.")
    name: str = Field("management API", max_length=80, description="What you will know the token by.")
    expires_in: int = Field(30 * 86_400, ge=60, le=365 * 86_400, description="Lifetime in seconds.")


class AccessTokenOut(Schema):
    id: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewAccessTokenOut(AccessTokenOut):
    access_token: str = Field(description="Shown here and never again.")
    token_type: str = "Bearer"  # noqa: S105


class AccessTokenPage(Schema):
    data: list[AccessTokenOut]
    paging: Paging


class OrganizationOut(Schema):
    id: str
    name: str
    is_operator: bool
    created_at: datetime


class OrganizationPage(Schema):
    data: list[OrganizationOut]
    paging: Paging


class OrganizationIn(Schema):
    name: str = Field(max_length=200)


class RoleOut(Schema):
    organization: OrganizationOut
    role: str
    permissions: list[str]


class UserOut(Schema):
    id: str
    email: str
    name: str
    is_active: bool
    language: str
    created_at: datetime
    memberships: list[RoleOut]


class UserPage(Schema):
    data: list[UserOut]
    paging: Paging


class UserChange(Schema):
    is_active: bool
    reason: str = Field("", max_length=400, description="Kept in the event log.")


class ProfileChange(Schema):
    name: str = Field(max_length=200)
    language: str = Field("", max_length=12, description="Empty: as the browser asks.")


class PasswordChange(Schema):
    current_password: str = Field(max_length=2000)
    password: str = Field(max_length=2000)


class SessionOut(Schema):
    id: int
    address: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime


class MemberOut(Schema):
    id: str = Field(description="The user's id.")
    email: str
    name: str
    role: str
    created_at: datetime


class MemberPage(Schema):
    data: list[MemberOut]
    paging: Paging


class RoleIn(Schema):
    role: str = Field(max_length=24)


class InvitationIn(RoleIn):
    email: str = Field(max_length=254)


class InvitationOut(Schema):
    id: str
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class InvitationPage(Schema):
    data: list[InvitationOut]
    paging: Paging


def token_out(token: PersonalAccessToken) -> AccessTokenOut:
    return AccessTokenOut(
        id=token.public_id,
        name=token.name,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )


def session_out(session: UserSession) -> SessionOut:
    return SessionOut(
        id=session.pk,
        address=session.ip,
        user_agent=session.user_agent,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
    )


def organization_out(organization: Organization) -> OrganizationOut:
    return OrganizationOut(
        id=organization.public_id,
        name=organization.name,
        is_operator=organization.is_operator,
        created_at=organization.created_at,
    )


def user_out(user: User) -> UserOut:
    return UserOut(
        id=user.public_id,
        email=user.email,
        name=user.name,
        is_active=user.is_active,
        language=user.language,
        created_at=user.created_at,
        memberships=[
            RoleOut(
                organization=organization_out(membership.organization),
                role=membership.role,
                permissions=sorted(permission.value for permission in ROLES[membership.role]),
            )
            for membership in user.memberships.all()
        ],
    )


def member_out(membership: Membership) -> MemberOut:
    user = membership.user
    return MemberOut(
        id=user.public_id, email=user.email, name=user.name, role=membership.role, created_at=membership.created_at
    )


def invitation_out(invitation: Invitation) -> InvitationOut:
    return InvitationOut(
        id=invitation.public_id,
        email=invitation.email,
        role=invitation.role,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
