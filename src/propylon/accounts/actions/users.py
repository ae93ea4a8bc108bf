"""Users: made from a proven address, switched off and on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import normal_email
from propylon.accounts.models import User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id


@transaction.atomic
def create_user(*, acting_user: Actor | None, email: str, name: str, password_hash: str, language: str = "") -> User:
    """A user whose address is proven; without an actor it is their own doing. Raises `user.address.taken`."""
    email = normal_email(email)
    if User.objects.filter(email=email).exists():
        raise PropylonError("user.address.taken", "This address has an account. Sign in with it.", kind=Kind.CONFLICT)
    now = timezone.now()
    user = User.objects.create(
        public_id=new_public_id("usr"),
        email=email,
        name=name.strip(),
        password=password_hash,
        email_verified_at=now,
        language=language,
        created_at=now,
    )
    record_event(
        acting_user=acting_user or Actor("user", user.public_id, user.email),
        action="user.created",
        object_kind="user",
        object_id=user.public_id,
    )
    return user


@transaction.atomic
def set_user_active(*, acting_user: Actor, user: User, is_active: bool, reason: str = "") -> User:
    """Switch a person's access off or on; while it is off their personal access tokens are refused."""
    if acting_user.identifier == user.public_id:
        raise PropylonError(
            "user.self.deactivation", "You cannot switch off yourself. Ask another operator.", kind=Kind.CONFLICT
        )
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        record_event(
            acting_user=acting_user,
            action="user.activated" if is_active else "user.deactivated",
            object_kind="user",
            object_id=user.public_id,
            data={"reason": reason.strip()[:400]} if reason.strip() else None,
        )
    return user
