"""What people change about themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from propylon.accounts.checks import check_name, refuse_if
from propylon.accounts.models import User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError


@transaction.atomic
def change_profile(*, acting_user: Actor, user: User, name: str, language: str) -> User:
    """`language` is one of the installation's, or empty: as the browser asks."""
    errors = check_name(name)
    if language and language not in dict(settings.LANGUAGES):
        errors.append(FieldError("language", "body", f"must be one of {', '.join(dict(settings.LANGUAGES))}"))
    refuse_if("user.profile.invalid", "Correct the fields named in errors and try again.", errors)
    before = (user.name, user.language)
    user.name, user.language = name.strip(), language
    if (user.name, user.language) != before:
        user.save(update_fields=["name", "language"])
        record_event(
            acting_user=acting_user, action="user.profile_changed", object_kind="user", object_id=user.public_id
        )
    return user
