"""Whether an application may ask customers on their own devices (CIBA): the operator's decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client
from propylon.applications.client_policy import may_be_allowed_to_ask
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done
from propylon.kernel.errors import PropylonError


@staff_only(Permission.MANAGE_PROGRAM)
def asking_customers(request: HttpRequest, client_id: str) -> HttpResponse:
    """One button: it allows, or ends it."""
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    problem = ""
    if request.method == "POST":
        is_allowed = request.POST.get("allow") == "yes"
        try:
            actions.allow_asking_customers(acting_user=actor_of(user), client=found, is_allowed=is_allowed)
        except PropylonError as error:
            problem = str(error.message)
        else:
            there = reverse("console_applications:detail", args=[found.application.public_id])
            facts = {"name": found.application.name, "place": found.environment.title}
            said = (
                _("%(name)s may ask customers on their own devices in %(place)s.")
                if is_allowed
                else _("%(name)s may not ask customers on their own devices in %(place)s any more.")
            )
            return done(request, said % facts, f"{there}#{found.client_id}")
    context = {"client": found, "fits": may_be_allowed_to_ask(found), "problem": problem}
    return console_page(request, "applications/asking.html", context, status=409 if problem else 200)
