"""The profile `legacy` of one client: allowed until a day, ended before it. The page warns who is about to allow it."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client
from propylon.applications.client_policy import legacy_policy_of
from propylon.applications.legacy_words import legacy_advice, legacy_allows
from propylon.applications.models import Client
from propylon.console.access import staff_only, staff_user
from propylon.console.applications.forms import ReasonForm
from propylon.console.pages import console_page, done, status_of
from propylon.kernel.errors import PropylonError


class LegacyForm(ReasonForm):
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("In UTC. It ends by itself after this day, at most a year from now."),
    )


@staff_only(Permission.MANAGE_PROGRAM)
def legacy(request: HttpRequest, client_id: str) -> HttpResponse:
    """Allow it, or give it another end."""
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    form = LegacyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.allow_legacy(acting_user=actor_of(user), client=found, **form.cleaned_data)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                facts = {"name": found.application.name, "day": form.cleaned_data["last_day"].isoformat()}
                text = _("%(name)s may use the profile legacy until %(day)s. Its developers have a mail.") % facts
                return done(request, text, _place_of(found))
    return _page(request, found, status, form=form)


@staff_only(Permission.MANAGE_PROGRAM)
def legacy_end(request: HttpRequest, client_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.end_legacy(acting_user=actor_of(user), client=found, **form.cleaned_data)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                text = _("The profile legacy has ended. The tokens of %(name)s are refused.")
                return done(request, text % {"name": found.application.name}, _place_of(found))
    return _page(request, found, status, end_form=form)


def _page(
    request: HttpRequest,
    found: Client,
    status: int,
    *,
    form: LegacyForm | None = None,
    end_form: ReasonForm | None = None,
) -> HttpResponse:
    context = {
        "client": found,
        "form": form,
        "end_form": end_form,
        "may_have_it": legacy_policy_of(found) is not None,
        "allows": legacy_allows(found.application.type),
        "advice": legacy_advice(found.application.type),
    }
    return console_page(request, "applications/legacy.html", context, status=status)


def _place_of(found: Client) -> str:
    there = reverse("console_applications:detail", args=[found.application.public_id])
    return f"{there}#{found.client_id}"
