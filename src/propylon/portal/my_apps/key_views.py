"""Client id and client secret: hidden, shown to who gives the password again, never in an address or a cache.

New ones are asked for here, with a reason; the operator decides (FEATURES A3).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.api_auth import source_address
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client, access_regeneration
from propylon.applications.models import Regeneration
from propylon.applications.overlap_words import overlap_words
from propylon.applications.selectors import regenerations_of
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import Kind, PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.forms import NewKeysForm, PasswordForm
from propylon.portal.my_apps.type_words import method_words

_REQUESTS_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show, ask for new ones, withdraw: the button's name says which was sent."""
    asked = Permission.SHOW_SECRETS if request.method == "POST" else Permission.VIEW_APPLICATIONS
    page = app_page(request, application_id, "keys", asked)
    if "withdraw" in request.POST:
        return _withdraw(request, page)
    asks = "ask" in request.POST
    data = request.POST if request.method == "POST" else None
    form, wish = PasswordForm(None if asks else data), NewKeysForm(data if asks else None)
    if wish.is_bound and _ask(page, wish):
        messages.success(request, _("The request is with the operator. A mail tells the decision."))
        return page.leads_to("keys")
    # The answer to POST holds the secret itself: it must not wait in a session for a page that comes later.
    secret = _shown(request, page, form) if form.is_bound and form.is_valid() else ""
    status = 409 if wish.refusal_kind is Kind.CONFLICT else 400 if form.errors or wish.errors else 200
    response = render(request, "portal/apps/keys.html", _context(page, form, wish, secret), status=status)
    response["Cache-Control"] = "no-store"
    return response


def _context(page: AppPage, form: PasswordForm, wish: NewKeysForm, secret: str) -> dict[str, object]:
    rows = [Asked.of(row) for row in regenerations_of(page.client)[:_REQUESTS_SHOWN]]
    return {
        "page_of": page,
        "form": form,
        "wish": wish,
        "method": method_words(page.client.token_endpoint_auth_method),
        "has_secret": bool(page.client.secret_digest),
        "secret": secret,
        "basic": base64.b64encode(f"{page.client.client_id}:{secret}".encode()).decode() if secret else "",
        "waiting": next((each for each in rows if each.row.state == "waiting"), None),
        "earlier": [each for each in rows if each.row.state != "waiting"],
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for new keys as the page shows it."""

    row: Regeneration
    who: str
    overlap: str

    @classmethod
    def of(cls, row: Regeneration) -> Asked:
        return cls(row, row.asked_by.name if row.asked_by else _("The operator"), overlap_words(row.overlap))


def _ask(page: AppPage, form: NewKeysForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.ask_for_regeneration(
            acting_user=page.actor, client=page.client, asked_by=page.user, **form.cleaned_data
        )
    except PropylonError as error:
        form.add_refusal(error)
        form.refusal_kind = error.kind
        return False
    return True


def _withdraw(request: HttpRequest, page: AppPage) -> HttpResponse:
    """Twice does no harm: the second time says that it waits no longer."""
    found = access_regeneration(page.user, request.POST["withdraw"][:40], Permission.SHOW_SECRETS)
    try:
        actions.withdraw_regeneration(acting_user=page.actor, regeneration=found)
    except PropylonError as error:
        messages.warning(request, in_words(error.message))
    else:
        messages.success(request, _("The request is withdrawn. The keys stay as they are."))
    return page.leads_to("keys")


def _shown(request: HttpRequest, page: AppPage, form: PasswordForm) -> str:
    client = access_client(page.user, page.client.client_id, Permission.SHOW_SECRETS)
    try:
        return actions.show_secret(
            acting_user=page.actor,
            user=page.user,
            client=client,
            password=form.cleaned_data["password"],
            source_address=source_address(request),
        ).reveal()
    except PropylonError as error:
        if error.code == "sign_in.confirmation.wrong":
            form.add_error("password", in_words(error.message))
            form.refusal_code = error.code
        else:
            form.add_refusal(error)
    return ""
