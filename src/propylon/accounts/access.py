"""Permission checks: each is asked once, where a thing is looked up."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from propylon.accounts.models import Organization, User
from propylon.accounts.roles import PERMISSION_WORDS, ROLES, STAFF_ROLES, Permission, roles_with
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


def actor_of(user: User) -> Actor:
    """The user as the audit log names them."""
    return Actor("user", user.public_id, user.email)


def permissions_of(user: User, organization: Organization | None = None) -> frozenset[Permission]:
    """What the user may do in the organization, as its member and as the program's staff, which acts everywhere."""
    found: set[Permission] = set()
    for membership in user.memberships.select_related("organization"):
        is_staff = membership.organization.is_operator and membership.role in STAFF_ROLES
        if is_staff or (organization is not None and membership.organization_id == organization.pk):
            found |= ROLES[membership.role]
    return frozenset(found)


def may(user: User, permission: Permission, organization: Organization | None = None) -> bool:
    """Has the user this permission in the organization, or as the program's staff everywhere?"""
    return permission in permissions_of(user, organization)


def program_permissions(user: User) -> frozenset[Permission]:
    """What the user may do everywhere, as the program's staff; nothing for partners."""
    roles = user.memberships.filter(organization__is_operator=True, role__in=STAFF_ROLES).values_list("role", flat=True)
    return frozenset[Permission]().union(*(ROLES[role] for role in roles))


def first_page_of(user: User) -> str:
    """Where the user's work begins: the program's staff in the console, all others at their applications."""
    is_staff = Permission.VIEW_PROGRAM in program_permissions(user)
    return "/console" if is_staff else settings.LOGIN_REDIRECT_URL


def require(user: User, permission: Permission, organization: Organization | None = None) -> None:
    """Refuse with `access.permission.missing` unless the user may."""
    if not may(user, permission, organization):
        raise _missing(user, permission)


def _missing(user: User, permission: Permission) -> PropylonError:
    """Who can help: partners have a manager; the bank's staff has the console."""
    what = PERMISSION_WORDS[permission]
    if program_permissions(user):
        return PropylonError(
            "access.permission.missing",
            f"Your role in the bank does not allow you to {what}. The roles in the console say which one does.",
            kind=Kind.FORBIDDEN,
        )
    if permission is Permission.VIEW_PROGRAM:
        return PropylonError(
            "access.permission.missing",
            "The console is for the bank's own staff. Your applications are under My apps.",
            kind=Kind.FORBIDDEN,
        )
    return PropylonError(
        "access.permission.missing",
        f"Your role does not allow you to {what}. Ask your organization's manager.",
        kind=Kind.FORBIDDEN,
    )


def visible_organizations(user: User, permission: Permission | None = None) -> QuerySet[Organization]:
    """The organizations whose things the user may know to exist, or may do this with."""
    if may(user, Permission.VIEW_PROGRAM) and (permission is None or may(user, permission)):
        return Organization.objects.all()
    own = user.memberships.all()
    if permission is not None:
        own = own.filter(role__in=roles_with(permission))
    return Organization.objects.filter(pk__in=own.values("organization"))


def access_organization(user: User, public_id: str, permission: Permission | None = None) -> Organization:
    """The organization, 404 if it is not the user's, 403 if the role does not allow what is asked."""
    organization = visible_organizations(user).filter(public_id=public_id).first()
    if organization is None:
        raise PropylonError("organization.unknown", "There is no such organization among yours.", kind=Kind.NOT_FOUND)
    if permission is not None:
        require(user, permission, organization)
    return organization
