"""Who calls the management API: personal access tokens as Bearer (RFC 6750)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from propylon.accounts.access import require
from propylon.accounts.models import PersonalAccessToken, User
from propylon.accounts.roles import Permission
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest

_LAST_USED_PRECISION = timedelta(minutes=1)


class PersonalAccessTokenAuth(HttpBearer):
    """Sets `request.auth` to the user."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
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


class PermittedTokenAuth(PersonalAccessTokenAuth):
    """For a router whose every operation asks for one permission: rooms below this one cannot ask themselves."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self._permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = super().authenticate(request, token)
        if user is not None:
            require(user, self._permission)
        return user


def current_user(request: HttpRequest) -> User:
    """The user that the router's `auth` has found."""
    user = request.auth  # type: ignore[attr-defined]  # set by django-ninja
    assert isinstance(user, User)  # noqa: S101  (a router without auth is our own mistake)
    return user


def source_address(request: HttpRequest) -> str:
    """Where the request came from, as the gateway saw it (it alone reaches our socket)."""
    return str(request.headers.get("x-propylon-source-address") or request.META.get("REMOTE_ADDR") or "unknown")
