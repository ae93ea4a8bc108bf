"""Forms about organizations and people."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.accounts.models import Organization
from propylon.accounts.role_words import TITLES, roles_for
from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import PageForm


class OrganizationFilters(Filters):
    text = TextFilter(label=_("Name"))


class UserFilters(Filters):
    text = TextFilter(label=_("Name or address"))
    role = ChoiceFilter(label=_("Role"), anything=_("Every role"), choices=TITLES.items())
    state = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[("active", _("Active")), ("inactive", _("Switched off")), ("alone", _("Without an organization"))],
    )


class OrganizationForm(PageForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_(
            "As the partner writes it, 2 to 200 characters. Service accounts and certificates are named after it."
        ),
    )


class RoleForm(PageForm):
    """`organization` decides which roles there are."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.name, role.title) for role in roles_for(organization)]
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=choices, help_text=_("What each role may do stands on the page “Roles”.")
        )


class InvitationForm(RoleForm):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("A link that lets the person in goes there. Until it is opened, you may withdraw the invitation."),
    )
    field_order = ["email", "role"]

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, organization=organization, **kwargs)
        self.order_fields(self.field_order)


class SwitchForm(PageForm):
    problems_title = _("Nothing was changed yet. Correct what is marked below.")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The bank's staff reads it in the audit; the person does not."),
    )


class PlaceForm(PageForm):
    """Taking a person into an organization; the role may be any partner's."""

    organization = forms.CharField(
        label=_("Organization"),
        max_length=120,
        help_text=_("Its name as the list of organizations shows it, or its id."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role, title) for role, title in TITLES.items()],
        initial="developer",
    )
