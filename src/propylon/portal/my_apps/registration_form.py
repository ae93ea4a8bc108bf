"""The one form of a new application, and of an application in a further environment: as short as its type allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.models import Organization
from propylon.applications.check_reason import LONGEST_REASON
from propylon.applications.plan_client import ClientWish
from propylon.catalog.models import Environment
from propylon.design.forms import LinesField, PageForm, two_lines
from propylon.kernel.errors import PropylonError
from propylon.oauth.policy import TYPES, Certificate, ProfilePolicy, RedirectRule, policy_for
from propylon.portal.my_apps.csr_files import LONGEST_CSR, csr_text
from propylon.portal.my_apps.type_words import security_choices, suggested_redirect_uris

POSTMAN_CALLBACK = "https://oauth.pstmn.io/v1/callback"
# What the rooms call a field: what the form calls it.
_RENAMED = {
    "security_profile": "security",
    "token_endpoint_auth_method": "security",
    "binds_tokens_to_certificate": "certificate",
    "csr_pem": "csr",
}


@dataclass(frozen=True, slots=True)
class CertificateWish:
    """`order` says that a certificate is ordered at once; `csr` is empty if the key is made here."""

    order: bool = False
    csr: str = ""


class ClientForm(PageForm):
    """What an application in one environment is asked: fields that its type has no use for are left out."""

    environment = forms.ChoiceField(label=gettext_lazy("Environment"), widget=forms.RadioSelect)
    redirect_uris = LinesField(
        label=gettext_lazy("Redirect URIs"),
        required=True,
        help_text=gettext_lazy("Where the bank sends the customer back to, character by character. One per line."),
    )
    allows_postman = forms.BooleanField(
        label=gettext_lazy("Also allow Postman's callback address"), required=False, help_text=POSTMAN_CALLBACK
    )
    certificate = forms.ChoiceField(label=gettext_lazy("Client certificate"), widget=forms.RadioSelect)
    csr = forms.CharField(
        label=gettext_lazy("Signing request (CSR)"),
        required=False,
        max_length=LONGEST_CSR,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )
    csr_file = forms.FileField(label=gettext_lazy("Or its file"), required=False)
    security = forms.ChoiceField(label=gettext_lazy("How it proves who it is"), widget=forms.RadioSelect)
    source_ranges = LinesField(
        label=gettext_lazy("Source ranges"),
        help_text=gettext_lazy("Addresses or ranges, one per line, such as 192.0.2.0/24. None: from anywhere."),
    )
    from_here = forms.BooleanField(required=False)
    note = forms.CharField(
        label=gettext_lazy("Note to the operator"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, type_name: str, environments: Sequence[Environment], address: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.type_name, self.address, self.offered = type_name, address, list(environments)
        self.choices = {choice.value: choice for choice in security_choices(type_name)}
        self._offer_environments()
        self._offer_security()
        self._offer_certificate()
        policy = policy_for(type_name)
        if policy.redirect_rule is RedirectRule.NONE:
            self._leave_out("redirect_uris", "allows_postman")
        else:
            self.fields["redirect_uris"].initial = suggested_redirect_uris(type_name)
        if policy.takes_source_ranges:
            label = _("Also allow the address that I am at now: %(address)s") % {"address": address}
            self.fields["from_here"].label = label
        else:
            self._leave_out("source_ranges", "from_here")

    def _offer_environments(self) -> None:
        field = self.fields["environment"]
        field.choices = [(each.name, self._environment_label(each)) for each in self.offered]  # type: ignore[attr-defined]
        usual = next((each for each in self.offered if each.approves_by_itself), None)
        decided = [each.title for each in self.offered if not each.approves_by_itself]
        if decided:
            text = _("What it is for, and what who decides about %(environments)s should know.")
            self.fields["note"].help_text = text % {"environments": ", ".join(decided)}
        else:
            self._leave_out("note")
        field.initial = (usual or self.offered[0]).name if self.offered else ""

    @staticmethod
    def _environment_label(environment: Environment) -> str:
        note = _("Keys at once") if environment.approves_by_itself else _("Keys once the operator has approved")
        return two_lines(environment.title, note)

    def _offer_security(self) -> None:
        if len(self.choices) < 2:
            self._leave_out("security")
            return
        field = self.fields["security"]
        field.choices = [(value, two_lines(choice.title, choice.note)) for value, choice in self.choices.items()]  # type: ignore[attr-defined]
        field.initial = next(iter(self.choices))

    def _offer_certificate(self) -> None:
        policies = [choice.policy for choice in self.choices.values()]
        if all(policy.certificate is Certificate.NONE for policy in policies):
            self._leave_out("certificate", "csr", "csr_file")
            return
        field = self.fields["certificate"]
        offered = [
            ("program", two_lines(_("The program's"), _("Key and certificate are made here. A mail brings the link."))),
            ("own", two_lines(_("For my own key"), _("I give a signing request (CSR) now."))),
            ("later", two_lines(_("Later"), _("I order it on the application's page."))),
        ]
        if policies[0].certificate is not Certificate.REQUIRED:
            usual = two_lines(_("As needed"), _("The program's where the client needs it to authenticate, else none."))
            offered.insert(0, ("usual", usual))
        field.choices = offered  # type: ignore[attr-defined]
        field.initial = offered[0][0]

    def _leave_out(self, *names: str) -> None:
        for name in names:
            del self.fields[name]

    @property
    def has_details(self) -> bool:
        return bool({"security", "source_ranges"} & set(self.fields))

    @property
    def details_open(self) -> bool:
        """What is folded must not hide a mistake."""
        return bool({"security", "source_ranges", "certificate", "csr", "csr_file"} & set(self.errors))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if file := data.get("csr_file"):
            if file.size > LONGEST_CSR:
                self.add_error("csr_file", _("This is no signing request: it is too large."))
            else:
                data["csr"] = csr_text(file.read())
        chosen = next((each for each in self.offered if each.name == data.get("environment")), None)
        if data.get("certificate") == "own" and chosen is not None and not chosen.approves_by_itself:
            self.add_error("certificate", _("Choose later: it can be ordered once the application is approved."))
        elif data.get("certificate") == "own" and not data.get("csr", "").strip():
            self.add_error("csr", _("Paste the signing request, or choose its file."))
        return data

    def add_refusal(self, error: PropylonError) -> None:
        renamed = [
            replace(each, field=_RENAMED[each.field]) if _RENAMED.get(each.field) in self.fields else each
            for each in error.errors
        ]
        again = PropylonError(error.code, error.message, kind=error.kind, errors=renamed)
        super().add_refusal(again)

    # ── what was wished, once the form is valid ──
    def chosen_environment(self) -> Environment:
        return next(each for each in self.offered if each.name == self.cleaned_data["environment"])

    def _choice(self) -> tuple[str, str, ProfilePolicy]:
        usual = next(iter(self.choices.values()))
        choice = self.choices.get(self.cleaned_data.get("security", ""), usual)
        return choice.profile, choice.method, choice.policy

    def wish(self, products: Sequence[str]) -> ClientWish:
        profile, method, policy = self._choice()
        data = self.cleaned_data
        redirect_uris = list(data.get("redirect_uris", []))
        if data.get("allows_postman") and POSTMAN_CALLBACK not in redirect_uris:
            redirect_uris.append(POSTMAN_CALLBACK)
        ranges = list(data.get("source_ranges", []))
        if data.get("from_here"):
            ranges.append(self.address)
        is_chosen = data.get("certificate") in {"program", "own", "later"}
        return ClientWish(
            type=self.type_name,
            security_profile=profile,
            token_endpoint_auth_method=method,
            binds_tokens_to_certificate=is_chosen and policy.certificate is Certificate.OPTIONAL,
            redirect_uris=redirect_uris,
            source_ranges=ranges,
            products=list(products),
            note=data.get("note", ""),
            orders_certificate=self.certificate_wish().order and not self.chosen_environment().approves_by_itself,
        )

    def certificate_wish(self) -> CertificateWish:
        *_profile, policy = self._choice()
        chosen = self.cleaned_data.get("certificate", "later")
        if chosen == "own":
            return CertificateWish(order=True, csr=self.cleaned_data.get("csr", "").strip())
        is_needed = chosen == "usual" and policy.certificate is Certificate.REQUIRED
        return CertificateWish(order=chosen == "program" or is_needed)


class RegistrationForm(ClientForm):
    """A new application. Only its name has to be typed."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("Customers of the bank read it when they consent."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact mail"),
        max_length=300,
        help_text=gettext_lazy("Approvals, download links and notices of ending certificates go there."),
    )
    organization = forms.ChoiceField(label=gettext_lazy("Organization"))

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizations = list(organizations)
        field = self.fields["organization"]
        field.choices = [(each.public_id, each.name) for each in self.organizations]  # type: ignore[attr-defined]
        if len(self.organizations) == 1:
            self._leave_out("organization")
        if TYPES[self.type_name].profiles[TYPES[self.type_name].default_profile].redirect_rule is RedirectRule.NONE:
            self.fields["name"].help_text = _("You and the bank's staff read it in lists.")

    def chosen_organization(self) -> Organization:
        wanted = self.cleaned_data.get("organization", self.organizations[0].public_id)
        return next(each for each in self.organizations if each.public_id == wanted)
