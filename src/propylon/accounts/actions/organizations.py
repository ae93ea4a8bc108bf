"""Organizations."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import check_name, refuse_if
from propylon.accounts.models import Organization
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id


@transaction.atomic
def create_organization(*, acting_user: Actor, name: str, is_operator: bool = False) -> Organization:
    """Names are unique, whatever their case. Raises `organization.name.taken`."""
    errors = check_name(name)
    refuse_if("organization.request.invalid", "Correct the fields named in errors and try again.", errors)
    name = " ".join(name.split())
    if Organization.objects.filter(name__iexact=name).exists():
        raise PropylonError(
            "organization.name.taken", "There is an organization of this name. Choose another.", kind=Kind.CONFLICT
        )
    organization = Organization.objects.create(
        public_id=new_public_id("org"), name=name, is_operator=is_operator, created_at=timezone.now()
    )
    record_event(
        acting_user=acting_user,
        action="organization.created",
        object_kind="organization",
        object_id=organization.public_id,
        organization_id=organization.public_id,
        data={"name": name},
    )
    return organization
