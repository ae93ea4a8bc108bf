"""Forms about kill switches: one for each kind of thing that is stopped, and the confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.accounts.models import Organization
from propylon.catalog.models import Product
from propylon.catalog.selectors import environments
from propylon.controlplane.kill_switches import KillSwitch
from propylon.design.forms import LongSelect, PageForm


class SwitchForm(PageForm):
    """What is stopped, where, why. `kind` is one of STOPPED_KINDS."""

    kind = ""
    problems_title = _("Nothing was stopped yet. Correct what is marked below.")
    target: forms.Field
    field_order = ["target", "environment", "reason"]
    reason = forms.CharField(
        label=_("Reason"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Up to 80 characters. The bank's staff reads it here and in the audit; partners do not."),
    )

    @property
    def switch(self) -> KillSwitch:
        told = self.cleaned_data
        return KillSwitch(self.kind, told["target"], told.get("environment", ""))


class ProductForm(SwitchForm):
    kind = "product"
    environment = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = Product.objects.order_by("title", "pk").values_list("name", "title")
        self.fields["target"] = _choice(_("Product"), [(name, f"{title} ({name})") for name, title in products])
        places = [(row.name, row.title) for row in environments()]
        self.fields["environment"] = _choice(_("Where"), [("", _("Everywhere")), *places], is_needed=False)
        self.order_fields(self.field_order)


class EnvironmentForm(SwitchForm):
    kind = "environment"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = _choice(_("Environment"), [(row.name, row.title) for row in environments()])
        self.order_fields(self.field_order)


class OrganizationForm(SwitchForm):
    kind = "organization"
    target = forms.CharField(
        label=_("Organization"),
        max_length=120,
        help_text=_("Its name as the list of organizations shows it, or its id."),
    )

    def clean_target(self) -> str:
        """The public id."""
        text = self.cleaned_data["target"].strip()
        found = Organization.objects.filter(name__iexact=text).first()
        return found.public_id if found else text


FORMS: dict[str, type[SwitchForm]] = {form.kind: form for form in (ProductForm, EnvironmentForm, OrganizationForm)}


class LiftForm(PageForm):
    problems_title = _("Nothing was changed yet. Correct what is marked below.")
    reason = forms.CharField(
        label=_("Reason"), max_length=80, help_text=_("Kept in the audit: “the core system answers again”.")
    )


def _choice(label: Any, choices: list[tuple[str, Any]], *, is_needed: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=is_needed, widget=LongSelect)
