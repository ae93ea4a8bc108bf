"""Where a client's customers may be sent after they have logged out (OpenID Connect RP-Initiated Logout, 3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.authserver.logout_addresses import logout_addresses as stored_addresses
from propylon.authserver.logout_addresses import set_logout_addresses
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.design.forms import LinesField, PageForm
from propylon.kernel.errors import PropylonError


class LogoutAddressesForm(PageForm):
    post_logout_redirect_uris = LinesField(
        label=gettext_lazy("Addresses after logging out"),
        help_text=gettext_lazy("Compared character by character. One per line."),
    )


@staff_only(Permission.MANAGE_PROGRAM)
def logout_addresses(request: HttpRequest, client_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    form = LogoutAddressesForm(
        request.POST if request.method == "POST" else None,
        initial={"post_logout_redirect_uris": stored_addresses(client_id)},
    )
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        uris = form.cleaned_data["post_logout_redirect_uris"]
        try:
            set_logout_addresses(acting_user=actor_of(user), client=found, uris=uris)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            there = reverse("console_applications:detail", args=[found.application.public_id])
            return done(request, _("The addresses are in force."), f"{there}#{found.client_id}")
    return console_page(request, "applications/logout_addresses.html", {"client": found, "form": form}, status=status)
