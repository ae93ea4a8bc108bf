"""What django-allauth asks us: the rules of this room answer, and its mails are ours (docs/decisions/0011)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as running
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from propylon.accounts.actions import confirm_password
from propylon.accounts.api_auth import source_address
from propylon.accounts.models import User
from propylon.kernel.errors import PropylonError


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in, re-authentication and mails; allauth's own sign-up is closed."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The refusal's own sentence reaches the person: the same for an unknown address and a wrong password."""
        try:
            return authenticate(request, **credentials)
        except PropylonError as error:
            raise ValidationError(error.message, code=error.code) from error

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        assert isinstance(user, User)  # noqa: S101  (the only kind of user there is)
        try:
            confirm_password(user=user, password=password, source_address=source_address(running.request))
        except PropylonError as error:
            raise ValidationError(error.message, code=error.code) from error
        return True

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return source_address(request)
