"""Refusing all tokens that a client has, while it goes on: a token got into the wrong hands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client
from propylon.console.access import staff_only, staff_user
from propylon.console.applications.forms import TokensForm
from propylon.console.pages import console_page, done, status_of
from propylon.kernel.errors import PropylonError


@staff_only(Permission.SECURE)
def refuse_tokens(request: HttpRequest, client_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_client(user, client_id, Permission.SECURE)
    form = TokensForm(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.refuse_tokens(acting_user=actor_of(user), client=found, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            there = reverse("console_applications:detail", args=[found.application.public_id])
            text = _("Its tokens are refused within a second. Those that it asks for from now on work.")
            return done(request, text, f"{there}#{found.client_id}")
    return console_page(request, "applications/tokens.html", {"client": found, "form": form}, status=status)
