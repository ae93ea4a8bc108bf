"""Changes that others ask the authorization server for: keys and revocation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from joserfc.jwk import ECKey

from propylon.applications.models import Client
from propylon.audit.actions import record_event
from propylon.authserver.grant_tokens import mark_tokens_of_grant
from propylon.authserver.models import Grant, RefreshToken, SigningKey
from propylon.authserver.signing import KEY_PURPOSE
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME, place_mark
from propylon.sealing.installation import sealer

# A new key is published this long before it signs, so that every gateway and client knows it by then.
_PUBLISHED_BEFORE = timedelta(minutes=5)


@transaction.atomic
def ensure_signing_key(*, acting_user: Actor) -> SigningKey:
    """The signing key, made now if this is a new installation."""
    existing = SigningKey.objects.filter(retired_at=None).order_by("activated_at").first()
    return existing or _make_key(acting_user, timedelta(0))


@transaction.atomic
def rotate_signing_key(*, acting_user: Actor) -> SigningKey:
    """A new key, which signs in five minutes; the old one retires by itself once the new one signs."""
    return _make_key(acting_user, _PUBLISHED_BEFORE)


def _make_key(acting_user: Actor, delay: timedelta) -> SigningKey:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    row = SigningKey.objects.create(
        kid=kid,
        public_jwk={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "ES256"},
        private_sealed=sealer().seal(Secret(json.dumps(key.as_dict(private=True))), purpose=KEY_PURPOSE),
        activated_at=timezone.now() + delay,
    )
    record_event(acting_user=acting_user, action="signing_key.made", object_kind="signing_key", object_id=kid)
    return row


@transaction.atomic
def retire_signing_keys(*, acting_user: Actor) -> int:
    """Retire the keys that a newer one has taken over from, and delete those whose last token has expired."""
    now = timezone.now()
    SigningKey.objects.filter(retired_at__lte=now - LONGEST_TOKEN_LIFETIME).delete()
    active = SigningKey.objects.filter(retired_at=None, activated_at__lte=now).order_by("-activated_at", "-pk")
    superseded = list(active[1:])
    for key in superseded:
        key.retired_at = now
        key.save(update_fields=["retired_at"])
        record_event(
            acting_user=acting_user, action="signing_key.retired", object_kind="signing_key", object_id=key.kid
        )
    return len(superseded)


@transaction.atomic
def end_grant(*, acting_user: Actor, grant: Grant, reason: str) -> None:
    """Withdraw: refresh tokens and codes die with the grant, its access tokens by a mark, at once."""
    now = timezone.now()
    ended = Grant.objects.filter(pk=grant.pk, revoked_at=None).update(revoked_at=now, generation=grant.generation + 1)
    if not ended:
        return
    RefreshToken.objects.filter(grant=grant, revoked_at=None).update(revoked_at=now)
    mark_tokens_of_grant(acting_user=acting_user, grant=grant, reason=reason)
    record_event(
        acting_user=acting_user,
        action="grant.ended",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=grant.client.application.organization.public_id,
        data={"reason": reason, "client": grant.client.client_id},
    )


@transaction.atomic
def revoke_grants_of_client(*, acting_user: Actor, client: Client, reason: str) -> int:
    """End every grant of a client; how many there were."""
    grants = Grant.objects.select_related("client__application__organization").filter(client=client, revoked_at=None)
    living = list(grants.filter(expires_at__gt=timezone.now()))
    for grant in living:
        end_grant(acting_user=acting_user, grant=grant, reason=reason)
    return len(living)


@transaction.atomic
def revoke_access_token(*, acting_user: Actor, claims: dict[str, Any], reason: str) -> None:
    """Refuse one access token everywhere, at once. `claims` are those of the verified token."""
    place_mark(
        acting_user=acting_user, kind="token", value=claims["jti"], reason=reason, lifetime=LONGEST_TOKEN_LIFETIME
    )
    record_event(
        acting_user=acting_user,
        action="token.revoked",
        object_kind="token",
        object_id=claims["jti"],
        data={"client": claims["client_id"], "reason": reason},
    )
