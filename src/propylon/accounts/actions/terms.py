"""Acceptance of the terms and conditions, recorded with its version (FEATURES P7)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.legal import current_terms
from propylon.accounts.models import TermsAcceptance, User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError


def check_terms_version(version: str) -> list[FieldError]:
    """Nobody accepts a text that they were not shown: it changed while the page was open."""
    if not version or version == (current := current_terms().version):
        return []
    return [FieldError("terms_version", "body", f"the terms have changed; read and accept version {current}")]


@transaction.atomic
def accept_terms(*, acting_user: Actor, user: User, version: str) -> TermsAcceptance:
    """Accepting a version twice changes nothing."""
    row, is_new = TermsAcceptance.objects.get_or_create(
        user=user, version=version, defaults={"accepted_at": timezone.now()}
    )
    if is_new:
        record_event(
            acting_user=acting_user,
            action="terms.accepted",
            object_kind="user",
            object_id=user.public_id,
            data={"version": version},
        )
    return row
