"""The forms of our own pages: sign-up, profile, members, access tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from propylon.accounts.legal import current_terms
from propylon.accounts.models import Organization
from propylon.accounts.role_words import RoleInWords, roles_for
from propylon.design.forms import PageForm
from propylon.portal.account.forms import PASSWORD_HINT


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name", "maxlength": 120})
    )


def _email(**attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": 254, **attrs}),
    )


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HINT,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
    )


class CurrentTerms(forms.CharField):
    """The version of the text that the page's link leads to now; a page shown again names the newest one."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(max_length=20, initial=lambda: current_terms().version)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class SignUpForm(PageForm):
    name = _name()
    organization_name = forms.CharField(
        label=_("Organization"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "maxlength": 120}),
    )
    email = _email()
    password = _new_password()
    terms_version = CurrentTerms()


class AcceptForm(PageForm):
    """Who has no account yet; others only press the button."""

    name = _name()
    password = _new_password()
    terms_version = CurrentTerms()


class ProfileForm(PageForm):
    name = _name()
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of these pages and of the mails that you get.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            choices=[("", _("As my browser asks")), *settings.LANGUAGES],
            label=self.fields["language"].label,
            help_text=self.fields["language"].help_text,
            required=False,
        )


class AccessTokenForm(PageForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What you will know it by: “Release pipeline”."),
        widget=forms.TextInput(attrs={"maxlength": 80, "autocomplete": "off"}),
    )
    lifetime = forms.ChoiceField(
        label=_("Lifetime"),
        choices=[("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
        initial="30",
    )


class RoleForm(PageForm):
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"),
            widget=forms.RadioSelect,
            choices=[(role.name, _choice(role)) for role in roles_for(organization)],
            initial=roles_for(organization)[0].name,
        )


class InvitationForm(RoleForm):
    email = _email(autocomplete="off")
    field_order = ("email", "role")


def _choice(role: RoleInWords) -> str:
    return format_html('<strong>{}</strong><span class="soft">{}</span>', role.title, role.purpose)
