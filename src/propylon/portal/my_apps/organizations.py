"""For which of their organizations a person may do something."""

from __future__ import annotations

from django.db.models import QuerySet

from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission, roles_with


def own_organizations(user: User, permission: Permission) -> QuerySet[Organization]:
    """Those where the user is a member and the role allows it: "my" apps, also for the program's staff."""
    mine = user.memberships.filter(role__in=roles_with(permission))
    return Organization.objects.filter(pk__in=mine.values("organization")).order_by("name")
