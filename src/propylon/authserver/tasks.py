"""What the worker repeats for the authorization server."""

from __future__ import annotations

from django.utils import timezone

from propylon.authserver.actions import retire_signing_keys
from propylon.authserver.attempts import forget_attempts
from propylon.authserver.customer_session import end_dead_sessions
from propylon.authserver.known_devices import forget_places
from propylon.authserver.login_session import end_dead_logins
from propylon.authserver.models import (
    AuthorizationCode,
    AuthorizationRequest,
    BackchannelRequest,
    RefreshToken,
    UsedProof,
)
from propylon.authserver.selectors import REQUEST_KEPT
from propylon.kernel.actor import SYSTEM
from propylon.kernel.periodic import Periodic


def purge_expired() -> None:
    """Codes and requests a day after they ended, refresh tokens and proofs when they end; grants stay as record of
    consent."""
    now = timezone.now()
    AuthorizationRequest.objects.filter(expires_at__lte=now - REQUEST_KEPT).delete()
    AuthorizationCode.objects.filter(expires_at__lte=now - REQUEST_KEPT).delete()
    RefreshToken.objects.filter(expires_at__lte=now).delete()
    BackchannelRequest.objects.filter(expires_at__lte=now - REQUEST_KEPT).delete()
    UsedProof.objects.filter(expires_at__lte=now).delete()
    forget_attempts()
    end_dead_sessions()
    end_dead_logins()
    forget_places()


def retire_keys() -> None:
    retire_signing_keys(acting_user=SYSTEM)


PERIODIC = (
    Periodic("authserver.purge_expired", 600.0, purge_expired),
    Periodic("authserver.retire_keys", 60.0, retire_keys),
)
