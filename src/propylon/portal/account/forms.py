"""The forms of signing in: django-allauth's, with our labels and the checks of accounts.actions."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core import context as running
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from propylon.accounts.actions import check_code, spend_reset
from propylon.accounts.api_auth import source_address
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError

PASSWORD_HINT = _("At least 12 characters. A few words that only you would put together are good.")


class Bare(forms.Form):
    """A label above each field says what it is; nothing is said again inside it."""

    labels: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    focus = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = self.hints.get(name, "")
            field.label = self.labels.get(name, field.label)
        if self.focus:
            self.fields[self.focus].widget.attrs["autofocus"] = True


class SignInForm(Bare, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    labels = {"login": _("E-mail address"), "password": _("Password")}
    focus = "login"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class ConfirmForm(Bare, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": _("Password")}
    focus = "password"


class ForgottenForm(Bare, account.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address")}
    focus = "email"

    def clean_email(self) -> str:
        email: str = super().clean_email()
        try:
            spend_reset(email=email, source_address=source_address(running.request))
        except PropylonError as error:
            raise ValidationError(in_words(error.message), code=error.code) from error
        return email


class NewPasswordForm(Bare, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Typed once: who mistypes it asks for another link."""

    labels = {"password1": _("New password")}
    hints = {"password1": PASSWORD_HINT}
    focus = "password1"
    password2 = None


class ChangePasswordForm(Bare, account.ChangePasswordForm):  # type: ignore[misc]
    labels = {"oldpassword": _("Current password"), "password1": _("New password")}
    hints = {"password1": PASSWORD_HINT}
    password2 = None

    def clean_oldpassword(self) -> str:
        old: str = self.cleaned_data["oldpassword"]
        account.get_adapter().reauthenticate(self.user, old)
        return old


class _Code(Bare):
    labels = {"code": _("Code")}
    focus = "code"
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "mono", "maxlength": 20}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = check_code(user=self.user, code=code)
        except PropylonError as error:
            raise ValidationError(in_words(error.message), code=error.code) from error
        return code


class CodeForm(_Code, second_step.AuthenticateForm):  # type: ignore[misc]
    hints = {"code": _("Six digits of your authenticator app, or one of your recovery codes.")}


class ConfirmCodeForm(_Code, second_step.ReauthenticateForm):  # type: ignore[misc]
    hints = CodeForm.hints


class AddAppForm(Bare, ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": _("Code that the app shows")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "mono", "maxlength": 10}


class AddPasskeyForm(Bare, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(max_length=60, required=False)
    labels = {"name": _("Name"), "passwordless": _("Sign in with it alone, without a password")}
    hints = {
        "name": _("What you will know it by: “Laptop”, “Blue key”."),
        "passwordless": _("Then it asks for your fingerprint, face or PIN."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(Bare, passkeys.EditWebAuthnForm):  # type: ignore[misc]
    labels = {"name": _("Name")}
    name = forms.CharField(max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
