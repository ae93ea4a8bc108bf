"""Forms about the directories that customers log in with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.console.products.forms import code_input
from propylon.customers.directory_settings import AUTH_METHODS, LDAP, OPENID
from propylon.design.forms import PageForm, TextNeededAtTimes


def _code(
    label: Any, example: str = "", *, help_text: Any = "", required: bool = True, initial: str = ""
) -> forms.CharField:
    widget = code_input(placeholder=example)
    return forms.CharField(
        label=label, max_length=500, widget=widget, help_text=help_text, required=required, initial=initial
    )


def _secret(label: Any) -> forms.CharField:
    return TextNeededAtTimes(
        label=label,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept sealed and never shown. Left empty: as stored, as long as the place stays the same."),
    )


def _authority() -> forms.CharField:
    return forms.CharField(
        label=_("Certificate authority"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=_(
            "In PEM, if the server's certificate is signed by one of your own. Left empty: those of this system."
        ),
    )


class LdapForm(PageForm):
    address = _code(
        _("Address"),
        "ldaps://directory.bank.example:636",
        help_text=_(
            "ldaps://host:port, or ldap://host:port, which is turned to TLS before anything is said (StartTLS)."
        ),
    )
    base_dn = _code(_("Base of the search"), "ou=customers,dc=bank,dc=example", help_text=_("Customers are below it."))
    bind_dn = _code(
        _("Account of the search"),
        "cn=propylon,dc=bank,dc=example",
        help_text=_("It may read the attributes below, and nothing else."),
    )
    secret = _secret(_("Its password"))
    login_attribute = _code(_("Attribute that customers type"), initial="uid")
    subject_attribute = _code(
        _("Attribute that never changes"),
        initial="entryUUID",
        help_text=_("Consents belong to it. With Active Directory: objectGUID."),
    )
    name_attribute = _code(_("Attribute with the name"), initial="cn")
    mail_attribute = _code(
        _("Attribute with the mail address"),
        initial="mail",
        required=False,
        help_text=_("Where customers are told that an application asks for their approval. Empty: nowhere."),
    )
    filter = _code(
        _("Who counts as a customer"),
        "(objectClass=person)",
        required=False,
        help_text=_("A filter. Left empty: everybody below the base."),
    )
    ca_pem = _authority()


class OpenIdForm(PageForm):
    title = forms.CharField(
        label=_("Title"), max_length=80, help_text=_("What customers read before they are sent there: “Mobile ID”.")
    )
    issuer = _code(
        _("Issuer"),
        "https://login.bank.example",
        help_text=_("Exactly as the provider writes it in its metadata at /.well-known/openid-configuration."),
    )
    client_id = _code(_("Client id"), help_text=_("Under which the provider knows this installation."))
    secret = _secret(_("Client secret"))
    auth_method = forms.ChoiceField(label=_("How the secret is sent"), choices=[(name, name) for name in AUTH_METHODS])
    scope = _code(_("Scope"), initial="openid profile email")
    ca_pem = _authority()


FORMS: dict[str, type[PageForm]] = {LDAP: LdapForm, OPENID: OpenIdForm}
