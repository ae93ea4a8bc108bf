"""Requests for end users, decided (FEATURES P11)."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications.actions.end_users import approve_end_users, refuse_end_users
from propylon.applications.end_users import access_end_user_request
from propylon.applications.models import EndUserRequest
from propylon.console.access import staff_form, staff_user
from propylon.console.pages import console_page, done, nothing_chosen, status_of
from propylon.design.forms import PageForm, TextNeededAtTimes
from propylon.kernel.errors import PropylonError


class EndUsersDecisionForm(PageForm):
    note = TextNeededAtTimes(
        label=gettext_lazy("Note to the developers"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("You must write one to refuse, and may write one to approve."),
    )


@staff_form(Permission.APPROVE)
def end_user_request(request: HttpRequest, request_id: str) -> HttpResponse:
    found = access_end_user_request(staff_user(request), request_id, Permission.VIEW_APPLICATIONS)
    form = EndUsersDecisionForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            said = _decide(request, found, form.cleaned_data["note"])
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
            found = access_end_user_request(staff_user(request), request_id, Permission.VIEW_APPLICATIONS)
        else:
            return done(request, said, reverse("console_queue:home"))
    return console_page(request, "customers/request.html", {"asked": found, "form": form}, status=status)


def _decide(request: HttpRequest, found: EndUserRequest, note: str) -> str:
    actor = actor_of(staff_user(request))
    decision = request.POST.get("decision")
    if decision == "approve":
        approve_end_users(acting_user=actor, request=found, note=note)
        return _("The end users were added. Each has a mail with a link.")
    if decision != "refuse":
        raise nothing_chosen()
    refuse_end_users(acting_user=actor, request=found, note=note)
    return _("The request was refused. The developers have a mail with the reason.")
