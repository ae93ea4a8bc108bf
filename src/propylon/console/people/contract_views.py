"""Contracts of an organization: added, changed, ended before their time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import access_organization, actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_contract
from propylon.applications.check_contract import ContractTerms
from propylon.applications.contract_words import contract_facts
from propylon.applications.models import Contract
from propylon.audit.selectors import events_about
from propylon.catalog.quotas import MOST_CALLS
from propylon.catalog.selectors import environments
from propylon.console.access import staff_change, staff_form, staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.design.forms import PageForm
from propylon.kernel.errors import PropylonError

_MANAGE = Permission.MANAGE_PROGRAM


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_CALLS,
        help_text=gettext_lazy("Of each application. Left empty: unlimited."),
    )


class ContractForm(PageForm):
    number = forms.CharField(
        label=gettext_lazy("Number"), max_length=60, help_text=gettext_lazy("Of the order form: “OF-2026-17”.")
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    starts_on = _day(label=gettext_lazy("First day"), help_text=gettext_lazy("In UTC, as quotas are counted."))
    ends_on = _day(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Left empty: until you end it. Its managers and you have a mail 30 and 7 days before."),
    )
    environments = forms.MultipleChoiceField(
        label=gettext_lazy("Where its limits count"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("There they take the place of the plans' quotas. None: the plans' quotas stand."),
    )
    calls_per_day = _limit(gettext_lazy("Calls a day"))
    calls_per_month = _limit(gettext_lazy("Calls a month"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The partner reads it, too."),
    )
    document_link = forms.CharField(
        label=gettext_lazy("Document"),
        required=False,
        max_length=300,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
        help_text=gettext_lazy("Where those who may read it find it: an https address."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["environments"].choices = [(row.name, row.title) for row in environments()]  # type: ignore[attr-defined]

    @property
    def terms(self) -> ContractTerms:
        told = self.cleaned_data
        return ContractTerms(**{**told, "environments": tuple(told["environments"])})


class EndForm(PageForm):
    problems_title = gettext_lazy("Nothing was changed yet. Correct what is marked below.")
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The partner's managers read it in the mail and on the page of their contracts."),
    )


@staff_only(_MANAGE)
def add_contract(request: HttpRequest, organization_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_organization(user, organization_id)
    form = ContractForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_contract(acting_user=actor_of(user), organization=found, terms=form.terms)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            there = reverse("console_people:contract", args=[made.public_id])
            return done(request, _("The contract was added. The partner sees it from now on."), there)
    return console_page(request, "people/contract_new.html", {"organization": found, "form": form}, status=status)


@staff_form(_MANAGE)
def contract(request: HttpRequest, contract_id: str) -> HttpResponse:
    """POST changes it."""
    user = staff_user(request)
    found = access_contract(user, contract_id, Permission.VIEW_APPLICATIONS)
    if request.method != "POST":
        return _page(request, found)
    form = ContractForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=400)
    try:
        actions.change_contract(acting_user=actor_of(user), contract=found, terms=form.terms)
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, form=form, status=status_of(error))
    return done(request, _("The contract was changed."), request.path)


@staff_change(_MANAGE)
def end_contract(request: HttpRequest, contract_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_contract(user, contract_id, _MANAGE)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, found, ending=form, status=400)
    try:
        actions.end_contract(acting_user=actor_of(user), contract=found, reason=form.cleaned_data["reason"])
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, ending=form, status=status_of(error))
    there = reverse("console_people:contract", args=[found.public_id])
    return done(request, _("The contract has ended. The partner's managers have a mail."), there)


def _page(
    request: HttpRequest,
    found: Contract,
    *,
    form: ContractForm | None = None,
    ending: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    initial = {name: getattr(found, name) for name in ContractForm.base_fields}
    context = {
        "contract": found,
        "organization": found.organization,
        "facts": contract_facts(found),
        "form": form or ContractForm(initial=initial),
        "ending": ending or EndForm(),
        "events": list(events_about([("contract", found.public_id)]).order_by("-pk")[:12]),
    }
    return console_page(request, "people/contract.html", context, status=status)
