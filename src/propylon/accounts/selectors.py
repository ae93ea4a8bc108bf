"""Reading accounts, organizations, members and tokens."""

from __future__ import annotations

from typing import TypeVar

from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from propylon.accounts.models import Invitation, Membership, Organization, PersonalAccessToken, SignUp, User
from propylon.kernel.errors import Kind, PropylonError

Row = TypeVar("Row")
_MOST_NAMED = 50


def _one(code: str, message: str, row: Row | None) -> Row:
    if row is None:
        raise PropylonError(code, message, kind=Kind.NOT_FOUND)
    return row


def membership_of(organization: Organization, user_id: str) -> Membership:
    """Raises `member.unknown`."""
    found = (
        Membership.objects.select_related("user", "organization")
        .filter(organization=organization, user__public_id=user_id)
        .first()
    )
    return _one("member.unknown", "There is no such member among yours.", found)


def members(organization: Organization) -> QuerySet[Membership]:
    return Membership.objects.select_related("user", "organization").filter(organization=organization)


def open_invitations(organization: Organization) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        organization=organization, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )


def invitation_of(organization: Organization, public_id: str) -> Invitation:
    """Raises `invitation.unknown`."""
    found = (
        Invitation.objects.select_related("organization").filter(organization=organization, public_id=public_id).first()
    )
    return _one("invitation.unknown", "There is no such invitation among yours.", found)


def live_access_tokens(user: User) -> QuerySet[PersonalAccessToken]:
    return PersonalAccessToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def access_token_of(user: User, public_id: str) -> PersonalAccessToken:
    """Raises `access_token.unknown`."""
    found = live_access_tokens(user).filter(public_id=public_id).first()
    return _one("access_token.unknown", "There is no such access token among yours.", found)


def operator_name() -> str:
    """Of the bank, as its customers know it."""
    return Organization.objects.filter(is_operator=True).values_list("name", flat=True).first() or "Propylon"


def organizations(*, name: str = "") -> QuerySet[Organization]:
    """All of them, or those with this in their name."""
    return Organization.objects.filter(name__icontains=name.strip()) if name else Organization.objects.all()


def live_sessions(user: User) -> list[UserSession]:
    """The browsers that a person is signed in with, last seen first; what has ended is forgotten on the way."""
    rows: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(rows, key=lambda row: row.last_seen_at, reverse=True)


def users(*, email: str = "", text: str = "", is_active: bool | None = None, role: str = "") -> QuerySet[User]:
    """With their memberships; `text` is looked for in name and address."""
    found = User.objects.prefetch_related("memberships__organization")
    if email:
        found = found.filter(email__icontains=email.strip())
    if text:
        found = found.filter(Q(name__icontains=text.strip()) | Q(email__icontains=text.strip()))
    if is_active is not None:
        found = found.filter(is_active=is_active)
    if role:
        found = found.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), role=role)))
    return found


def people_without_organization() -> QuerySet[User]:
    """Who named an organization that was there already, and waits for somebody to take them in."""
    return User.objects.filter(~Exists(Membership.objects.filter(user=OuterRef("pk"))), is_active=True)


def organization_asked_for(user: User) -> str:
    """The name that the person gave when signing up; empty if they came by invitation."""
    found = SignUp.objects.filter(email=user.email, used_at__isnull=False).order_by("-used_at")
    return found.values_list("organization_name", flat=True).first() or ""


def user_by_id(public_id: str) -> User:
    """Raises `user.unknown`."""
    found = users().filter(public_id=public_id).first()
    return _one("user.unknown", "There is no such user among yours.", found)


def user_id_of(text: str) -> str:
    """The id of whoever has this address; anything else, and an address of nobody, as it is."""
    found = User.objects.filter(email__iexact=text).values_list("public_id", flat=True).first() if "@" in text else None
    return found or text


def organization_ids_named(text: str) -> list[str]:
    """Ids of the organizations whose names contain the text, the first few by name."""
    found = Organization.objects.filter(name__icontains=text).order_by("name") if text else Organization.objects.none()
    return list(found.values_list("public_id", flat=True)[:_MOST_NAMED])


def sessions_of(user: User) -> QuerySet[UserSession]:
    """The browsers that the user is signed in at, the latest first."""
    found: QuerySet[UserSession] = UserSession.objects.filter(user=user).order_by("-last_seen_at")
    return found
