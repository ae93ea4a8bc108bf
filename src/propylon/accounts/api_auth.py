"""Who calls the management API: personal access tokens as Bearer (RFC 6750)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from propylon.accounts.models import PersonalAccessToken, User
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest

_LAST_USED_PRECISION = timedelta(minutes=1)


class PersonalAccessTokenAuth(HttpBearer):
    """Sets `request.auth` to the user."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002
        now = timezone.now()
        found = (
            PersonalAccessToken.objects.select_related("user")
            .filter(digest=digest(Secret(token)), revoked_at=None, expires_at__gt=now, user__is_active=True)
            .first()
        )
        if found is None:
            return None
        if found.last_used_at is None or now - found.last_used_at > _LAST_USED_PRECISION:
            PersonalAccessToken.objects.filter(pk=found.pk).update(last_used_at=now)
        return found.user


def current_user(request: HttpRequest) -> User:
    """The user that the router's `auth` has found."""
    user = request.auth  # type: ignore[attr-defined]  # set by django-ninja
    assert isinstance(user, User)  # noqa: S101  (a router without auth is our own mistake)
    return user
