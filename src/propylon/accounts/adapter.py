"""What django-allauth asks us: the rules of this room answer, and its mails are ours (docs/decisions/0011)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as running
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts import mails
from propylon.accounts.access import actor_of, first_page_of
from propylon.accounts.actions import confirm_password, set_password
from propylon.accounts.api_auth import source_address
from propylon.accounts.checks import check_password
from propylon.accounts.models import User
from propylon.design.preferences import keep_language
from propylon.kernel.errors import PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.seal import file_sealer

_TOTP_PURPOSE = "second step"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in, re-authentication, passwords and mails; allauth's own sign-up is closed."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The refusal's own sentence reaches the person: the same for an unknown address and a wrong password."""
        try:
            return authenticate(request, **credentials)
        except PropylonError as error:
            raise ValidationError(error.message, code=error.code) from error

    def reauthenticate(self, user: User, password: str) -> bool:
        try:
            confirm_password(user=user, password=password, source_address=source_address(running.request))
        except PropylonError as error:
            raise ValidationError(error.message, code=error.code) from error
        return True

    def clean_password(self, password: str, user: User | None = None) -> str:
        errors = check_password(password, email=user.email if user else "", name=user.name if user else "")
        if errors:
            raise ValidationError([error.reason for error in errors])
        return password

    def set_password(self, user: User, password: str) -> None:
        """By the owner's session, which goes on, or by the link of a mail."""
        request = running.request
        is_owner = request.user.is_authenticated and request.user.pk == user.pk
        key = request.session.session_key or "" if is_owner else ""
        set_password(acting_user=actor_of(user), user=user, password=password, session_key=key)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """When the address of the sign-in page names none."""
        return first_page_of(request.user) if isinstance(request.user, User) else str(settings.LOGIN_REDIRECT_URL)

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **facts)
        if user.language:
            keep_language(response, user.language)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, _("This account is switched off. Ask your organization's manager."))
        return HttpResponseRedirect(reverse("account_login"), status=303)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """To the address that we know, not to the one that was typed."""
        mails.password_reset(user, context["password_reset_url"])

    def get_reset_password_from_key_url(self, key: str) -> str:
        """A path: nothing here builds an address from the Host that a browser sends."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return path.replace("UID-KEY", key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return source_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Our own mails say the same: see `accounts.mails`."""


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of authenticator apps are sealed at rest; passkeys belong to the host of our public address."""

    def encrypt(self, text: str) -> str:
        return file_sealer(settings.PROPYLON_HOME.sealing_key).seal(Secret(text), purpose=_TOTP_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return file_sealer(settings.PROPYLON_HOME.sealing_key).unseal(encrypted_text, purpose=_TOTP_PURPOSE).reveal()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.PROPYLON_PUBLIC_URL).hostname or "", "name": "Propylon"}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  (allauth's name)
        return _("Passkey")
