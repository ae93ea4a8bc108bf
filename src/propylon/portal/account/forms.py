"""The forms of signing in: django-allauth's, with our labels and without its placeholders."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.utils.translation import gettext_lazy as _


class Bare(forms.Form):
    """A label above each field says what it is; nothing is said again inside it."""

    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
            field.label = self.labels.get(name, field.label)


class SignInForm(Bare, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    labels = {"login": _("E-mail address"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username webauthn", "autofocus": True}
