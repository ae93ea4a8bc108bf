"""Who a session belongs to, for Django: passwords are checked by `actions.sign_in` and nowhere else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from propylon.accounts.actions import sign_in
from propylon.accounts.api_auth import source_address
from propylon.accounts.models import User


class PasswordBackend(BaseBackend):
    """A switched-off user has no session: `get_user` is asked with every request."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **credentials: Any
    ) -> User | None:
        """Raises what `sign_in` raises; without a request nobody signs in, for attempts are counted by place."""
        if request is None or not email:
            return None
        return sign_in(email=email, password=password, source_address=source_address(request))

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
