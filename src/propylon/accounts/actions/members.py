"""Members of organizations and their roles."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.models import Membership, Organization, User
from propylon.accounts.roles import ROLES, STAFF_ROLES
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

# Each organization keeps at least one member of the role that can repair it.
_KEY_ROLE = {True: "operator", False: "organization_manager"}


def check_role(role: str, organization: Organization) -> list[FieldError]:
    """Staff roles belong to the operator's organization, the others to partners."""
    fitting = sorted(STAFF_ROLES) if organization.is_operator else sorted(set(ROLES) - STAFF_ROLES)
    return [] if role in fitting else [FieldError("role", "body", f"must be one of {', '.join(fitting)}")]


@transaction.atomic
def add_member(*, acting_user: Actor, organization: Organization, user: User, role: str) -> Membership:
    """Raises `member.role.unfit`, and `member.exists` when the user is a member already."""
    _refuse_unfit(role, organization)
    if Membership.objects.filter(user=user, organization=organization).exists():
        raise PropylonError("member.exists", "This person is a member already.", kind=Kind.CONFLICT)
    membership = Membership.objects.create(user=user, organization=organization, role=role, created_at=timezone.now())
    _record(acting_user, "member.added", membership, {"role": role})
    return membership


@transaction.atomic
def change_role(*, acting_user: Actor, membership: Membership, role: str) -> Membership:
    """Raises `member.role.unfit`, and `member.last` when nobody would be left to manage the organization."""
    _refuse_unfit(role, membership.organization)
    before = membership.role
    if role != before:
        _keep_one(membership)
        membership.role = role
        membership.save(update_fields=["role"])
        _record(acting_user, "member.role_changed", membership, {"from": before, "to": role})
    return membership


@transaction.atomic
def remove_member(*, acting_user: Actor, membership: Membership) -> None:
    """Raises `member.last` when nobody would be left to manage the organization."""
    _keep_one(membership)
    _record(acting_user, "member.removed", membership, {"role": membership.role})
    membership.delete()


def _refuse_unfit(role: str, organization: Organization) -> None:
    errors = check_role(role, organization)
    if errors:
        raise PropylonError(
            "member.role.unfit",
            "This organization does not take that role. Choose one that errors names.",
            kind=Kind.MALFORMED,
            errors=errors,
        )


def _keep_one(membership: Membership) -> None:
    key_role = _KEY_ROLE[membership.organization.is_operator]
    if membership.role != key_role:
        return
    # The rows are locked, so that two of them do not leave at the same time.
    holders = Membership.objects.select_for_update().filter(organization=membership.organization, role=key_role)
    if len([holder for holder in holders if holder.pk != membership.pk]) == 0:
        raise PropylonError(
            "member.last",
            f"This is the last {key_role.replace('_', ' ')}. Give somebody else that role first.",
            kind=Kind.CONFLICT,
        )


def _record(acting_user: Actor, action: str, membership: Membership, data: dict[str, str]) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="user",
        object_id=membership.user.public_id,
        organization_id=membership.organization.public_id,
        data=data,
    )
