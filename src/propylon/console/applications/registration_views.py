"""Initial access tokens (RFC 7591, 3): who was given one, a new one for an organization, and its end."""

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
from propylon.applications.access import access_registration_token
from propylon.applications.actions import MOST_DAYS, MOST_USES
from propylon.applications.client_wish import environment_of
from propylon.applications.selectors import registration_tokens
from propylon.audit.paging import page_of
from propylon.catalog.selectors import environments
from propylon.console.access import staff_change, staff_only, staff_page, staff_user
from propylon.console.pages import console_page, done, page_query, status_of
from propylon.design.forms import PageForm
from propylon.kernel.errors import PropylonError


class RegistrationTokenForm(PageForm):
    environment = forms.ChoiceField(
        label=gettext_lazy("Environment"), help_text=gettext_lazy("Where applications are registered with it.")
    )
    note = forms.CharField(
        label=gettext_lazy("For whom it is"),
        max_length=120,
        help_text=gettext_lazy("A system or a team: it stays in the history of every application registered with it."),
    )
    uses = forms.IntegerField(
        label=gettext_lazy("How many applications it registers"), min_value=1, max_value=MOST_USES, initial=1
    )
    days = forms.IntegerField(label=gettext_lazy("How many days it lasts"), min_value=1, max_value=MOST_DAYS, initial=7)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["environment"].choices = [(row.name, row.title) for row in environments()]  # type: ignore[attr-defined]


@staff_page
def tokens(request: HttpRequest) -> HttpResponse:
    page = page_of(registration_tokens(), page_query(request), name="console registration tokens")
    return console_page(request, "applications/registration_tokens.html", {"page_rows": page})


@staff_only(Permission.MANAGE_PROGRAM)
def make(request: HttpRequest, organization_id: str) -> HttpResponse:
    """The answer to the form is the one page that shows the token."""
    user = staff_user(request)
    found = access_organization(user, organization_id)
    form = RegistrationTokenForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            token, secret = actions.make_registration_token(
                acting_user=actor_of(user),
                organization=found,
                environment=environment_of(wish.pop("environment")),
                created_by=user,
                **wish,
            )
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            context = {"token": token, "secret": secret.reveal(), "organization": found}
            made = console_page(request, "applications/registration_token_made.html", context)
            made["Cache-Control"] = "no-store"
            return made
    context = {"organization": found, "form": form}
    return console_page(request, "applications/registration_token_new.html", context, status=status)


@staff_change(Permission.MANAGE_PROGRAM)
def end(request: HttpRequest, token_id: str) -> HttpResponse:
    user = staff_user(request)
    token = access_registration_token(user, token_id)
    actions.end_registration_token(acting_user=actor_of(user), token=token)
    text = _("The token has ended. What was registered with it stays.")
    return done(request, text, reverse("console_applications:registration_tokens"))
