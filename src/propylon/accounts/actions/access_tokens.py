"""Personal access tokens: made and revoked."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import check_name, refuse_if
from propylon.accounts.models import PersonalAccessToken, User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_public_id, new_secret

TOKEN_PREFIX = "propylon_pat_"  # noqa: S105  (tells secret scanners what it is)
LONGEST_LIFETIME = timedelta(days=365)


@transaction.atomic
def create_access_token(
    *, acting_user: Actor, user: User, name: str, lifetime: timedelta
) -> tuple[PersonalAccessToken, Secret]:
    """A new key to the management API; the secret is given out here and never again."""
    errors = check_name(name, longest=80)
    if not timedelta(minutes=1) <= lifetime <= LONGEST_LIFETIME:
        errors.append(FieldError("lifetime", "body", "takes one minute to 365 days"))
    refuse_if("access_token.request.invalid", "Correct the fields named in errors and try again.", errors)
    secret, now = new_secret(TOKEN_PREFIX), timezone.now()
    token = PersonalAccessToken.objects.create(
        public_id=new_public_id("pat"),
        user=user,
        name=name.strip(),
        digest=digest(secret),
        created_at=now,
        expires_at=now + lifetime,
    )
    record_event(
        acting_user=acting_user,
        action="access_token.created",
        object_kind="access_token",
        object_id=token.public_id,
        data={"user": user.public_id, "expires_at": token.expires_at.isoformat()},
    )
    return token, secret


@transaction.atomic
def revoke_access_token(*, acting_user: Actor, token: PersonalAccessToken) -> None:
    """Refused from now on. Revoking twice changes nothing."""
    changed = PersonalAccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    if changed:
        record_event(
            acting_user=acting_user,
            action="access_token.revoked",
            object_kind="access_token",
            object_id=token.public_id,
        )
