"""The small forms of an application's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.applications.check_reason import LONGEST_REASON
from propylon.catalog.rule_words import ROLES
from propylon.design.forms import LinesField, PageForm, two_lines
from propylon.kernel.errors import Kind
from propylon.pki.revocation_list import REASONS
from propylon.portal.my_apps.certificate_states import REASON_WORDS
from propylon.portal.my_apps.csr_files import LONGEST_CSR, csr_text


class PasswordForm(PageForm):
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewKeysForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Why you need new keys"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The operator decides by it. Say it if somebody else may have the secret: then the old one ends at once."
        ),
    )
    may_be_known = forms.BooleanField(label=gettext_lazy("Somebody else may know the old secret"), required=False)
    refusal_kind: Kind | None = None


class SettingsForm(PageForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact mail"),
        max_length=300,
        help_text=gettext_lazy("Approvals, download links and notices of ending certificates go there."),
    )


class RedirectUrisForm(PageForm):
    redirect_uris = LinesField(
        label=gettext_lazy("Redirect URIs"),
        required=True,
        help_text=gettext_lazy("Compared character by character. One per line."),
    )


class LogoutUrisForm(PageForm):
    post_logout_redirect_uris = LinesField(
        label=gettext_lazy("Addresses after logging out"),
        help_text=gettext_lazy(
            "Where customers may be sent when they log out of the bank (post_logout_redirect_uri). One per line."
        ),
    )


class SourceRangesForm(PageForm):
    source_ranges = LinesField(
        label=gettext_lazy("Source ranges"),
        help_text=gettext_lazy("Addresses or ranges, one per line, such as 192.0.2.17 or 192.0.2.0/24."),
    )


class OrderForm(PageForm):
    """A certificate for a key that is made here, or for one's own."""

    key = forms.ChoiceField(label=gettext_lazy("Private key"), widget=forms.RadioSelect, initial="program")
    csr = forms.CharField(
        label=gettext_lazy("Signing request (CSR)"),
        required=False,
        max_length=LONGEST_CSR,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )
    csr_file = forms.FileField(label=gettext_lazy("Or its file"), required=False)
    psd2_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles of a payment service provider (PSD2)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(role, capfirst(str(words))) for role, words in ROLES.items()],
        help_text=gettext_lazy(
            "For tests: with a role it has the shape of a qualified certificate (QWAC), holds for 90 days and is "
            "renewed by itself."
        ),
    )

    def __init__(self, *args: Any, has_roles: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_roles:
            del self.fields["psd2_roles"]
        self.fields["key"].choices = [  # type: ignore[attr-defined]
            ("program", two_lines(_("Make it here"), _("A mail brings a link to download key and certificate once."))),
            ("own", two_lines(_("I have my own"), _("I give a signing request (CSR); the key stays with me."))),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("csr_file")
        if file and file.size > LONGEST_CSR:
            self.add_error("csr_file", _("This is no signing request: it is too large."))
        elif file:
            data["csr"] = csr_text(file.read())
        if data.get("key") == "own" and not data.get("csr", "").strip() and not self.errors:
            self.add_error("csr", _("Paste the signing request, or choose its file."))
        return data

    def csr_pem(self) -> str:
        return str(self.cleaned_data["csr"]).strip() if self.cleaned_data["key"] == "own" else ""

    def roles(self) -> list[str]:
        return list(self.cleaned_data.get("psd2_roles", ()))


class OwnCertificateForm(PageForm):
    """A certificate that another provider has issued."""

    certificate = forms.CharField(
        label=gettext_lazy("Certificate (PEM)"),
        required=False,
        max_length=LONGEST_CSR,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy("With the certificates of its issuers or without, never with its private key."),
    )
    certificate_file = forms.FileField(
        label=gettext_lazy("Or its file"), required=False, help_text=gettext_lazy("PEM, DER (.cer, .crt) or .p7b.")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("certificate_file") and not data.get("certificate", "").strip():
            self.add_error("certificate", _("Paste the certificate, or choose its file."))
        return data

    def data_sent(self) -> bytes:
        file = self.cleaned_data["certificate_file"]
        sent: bytes = file.read(LONGEST_CSR + 1) if file else self.cleaned_data["certificate"].encode()
        return sent


class RequestForm(PageForm):
    note = forms.CharField(
        label=gettext_lazy("What has changed"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Who decides reads it, together with the reason above. It stays in the history."),
    )


class TypedForm(PageForm):
    """Something that cannot be undone: who does it types what it is about."""

    typed = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, expected: str, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        text = " ".join(str(self.cleaned_data["typed"]).split())
        if text != self.expected:
            raise forms.ValidationError(_("This is not it. Nothing was changed."))
        return text


class RevocationForm(TypedForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[(name, REASON_WORDS.get(name, name)) for name in REASONS]
    )
    field_order = ["reason", "typed"]
