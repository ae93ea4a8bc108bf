"""Roles and permissions in words: what a person reads who gives somebody a role."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from propylon.accounts.models import Organization
from propylon.accounts.roles import ROLES, STAFF_ROLES, Permission

Words = str | Promise

TITLES: MappingProxyType[str, Words] = MappingProxyType(
    {
        "developer": _("Developer"),
        "analyst": _("Business analyst"),
        "product_manager": _("Product manager"),
        "organization_manager": _("Organization manager"),
        "relationship_manager": _("Relationship manager"),
        "operator": _("Operator"),
        "security_officer": _("Security officer"),
        "auditor": _("Auditor"),
    }
)
PURPOSES: MappingProxyType[str, Words] = MappingProxyType(
    {
        "developer": _("Builds and runs applications."),
        "analyst": _("Reads documentation; sees no application."),
        "product_manager": _("Follows applications and their use."),
        "organization_manager": _("Does all that a developer does, and looks after the members."),
        "relationship_manager": _("The contact of partner organizations: sees all of them."),
        "operator": _("Runs the program."),
        "security_officer": _("The second pair of eyes: decides and revokes, builds nothing."),
        "auditor": _("Reads everything, changes nothing."),
    }
)
ABILITIES: MappingProxyType[Permission, Words] = MappingProxyType(
    {
        Permission.VIEW_APPLICATIONS: _("See applications"),
        Permission.MANAGE_APPLICATIONS: _("Register, change and delete applications, order certificates"),
        Permission.SHOW_SECRETS: _("Show client secrets"),
        Permission.VIEW_USAGE: _("See calls and usage"),
        Permission.MANAGE_MEMBERS: _("Invite, change and remove members"),
        Permission.VIEW_PROGRAM: _("See every organization, the audit and the outbox"),
        Permission.MANAGE_PROGRAM: _("Manage products, environments and organizations"),
        Permission.APPROVE: _("Approve or refuse applications and certificate orders"),
        Permission.SECURE: _("Revoke certificates, place marks, switch users off"),
    }
)


@dataclass(frozen=True, slots=True)
class RoleInWords:
    name: str
    title: Words
    purpose: Words
    abilities: tuple[Words, ...]


def role_in_words(role: str) -> RoleInWords:
    """`abilities` come from the table of roles, in the order of `Permission`."""
    able = tuple(ABILITIES[permission] for permission in Permission if permission in ROLES[role])
    return RoleInWords(role, TITLES[role], PURPOSES[role], able)


def roles_for(organization: Organization) -> tuple[RoleInWords, ...]:
    """The roles that this organization takes, in the order of the table."""
    return tuple(role_in_words(role) for role in ROLES if (role in STAFF_ROLES) is organization.is_operator)
