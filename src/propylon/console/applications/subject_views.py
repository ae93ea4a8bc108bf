"""What an application's tokens call customers: the bank's own subject, or the name of its sector (pairwise)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.applications.client_policy import policy_of
from propylon.authserver.pairwise import sector_of_client, set_pairwise
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done
from propylon.kernel.errors import PropylonError
from propylon.oauth.sectors import PAIRWISE, sector_of


@staff_only(Permission.MANAGE_PROGRAM)
def subjects(request: HttpRequest, client_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    problem, typed = "", sector_of_client(found.client_id)
    is_pairwise = bool(typed)
    if request.method == "POST":
        is_pairwise, typed = request.POST.get("subject_type") == PAIRWISE, request.POST.get("sector", "")[:253]
        try:
            set_pairwise(acting_user=actor_of(user), client=found, is_pairwise=is_pairwise, sector=typed)
        except PropylonError as error:
            problem = f"{error.message} ({'; '.join(each.reason for each in error.errors)})"
        else:
            there = reverse("console_applications:detail", args=[found.application.public_id])
            return done(request, _("What tokens call customers is set. It holds from the next consent on."), there)
    context = {
        "client": found,
        "fits": bool(policy_of(found).response_types),
        "is_pairwise": is_pairwise,
        "sector": typed,
        "own_sector": sector_of(found.redirect_uris),
        "problem": problem,
    }
    return console_page(request, "applications/subjects.html", context, status=400 if problem else 200)
