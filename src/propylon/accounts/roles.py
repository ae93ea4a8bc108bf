"""Who may do what: roles and their permissions, one table (FEATURES P5)."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType


class Permission(Enum):
    """What an action or a look asks for."""

    VIEW_APPLICATIONS = "applications.view"
    MANAGE_APPLICATIONS = "applications.manage"  # register, subscribe, ranges, certificates, delete
    SHOW_SECRETS = "applications.show_secrets"
    VIEW_USAGE = "usage.view"
    MANAGE_MEMBERS = "members.manage"
    VIEW_PROGRAM = "program.view"  # every organization, audit, outbox
    MANAGE_PROGRAM = "program.manage"  # products, environments, organizations, secrets
    APPROVE = "approvals.decide"  # applications and certificate orders that wait for a decision
    SECURE = "security.act"  # marks, revocations, switching users off


# "Your role does not allow you to …"
PERMISSION_WORDS = MappingProxyType(
    {
        Permission.VIEW_APPLICATIONS: "see the organization's applications",
        Permission.MANAGE_APPLICATIONS: "add and change applications",
        Permission.SHOW_SECRETS: "see client secrets",
        Permission.VIEW_USAGE: "see calls and usage",
        Permission.MANAGE_MEMBERS: "manage the organization's members",
        Permission.VIEW_PROGRAM: "look at the program's console",
        Permission.MANAGE_PROGRAM: "change products, environments and organizations",
        Permission.APPROVE: "decide about requests",
        Permission.SECURE: "revoke certificates, block callers and switch users off",
    }
)
_P = Permission
_DEVELOPER = frozenset({_P.VIEW_APPLICATIONS, _P.MANAGE_APPLICATIONS, _P.SHOW_SECRETS, _P.VIEW_USAGE})
_READS_ALL = frozenset({_P.VIEW_PROGRAM, _P.VIEW_APPLICATIONS, _P.VIEW_USAGE})

# Roles in a partner's organization act on that organization; the operator organization's roles act on all.
ROLES = MappingProxyType(
    {
        "developer": _DEVELOPER,
        "analyst": frozenset[Permission](),  # documentation is open to every signed-in user
        "product_manager": frozenset({_P.VIEW_APPLICATIONS, _P.VIEW_USAGE}),
        "organization_manager": _DEVELOPER | {_P.MANAGE_MEMBERS},
        "relationship_manager": _READS_ALL,
        "operator": _READS_ALL | {_P.MANAGE_PROGRAM, _P.APPROVE, _P.SECURE, _P.MANAGE_APPLICATIONS, _P.MANAGE_MEMBERS},
        "security_officer": _READS_ALL | {_P.APPROVE, _P.SECURE},  # the second pair of eyes: decides, builds nothing
        "auditor": _READS_ALL,
    }
)
STAFF_ROLES = frozenset({"relationship_manager", "operator", "security_officer", "auditor"})


def roles_with(permission: Permission) -> list[str]:
    """The roles that have it, in alphabetical order."""
    return sorted(role for role, permissions in ROLES.items() if permission in permissions)
