"""Client id and client secret: hidden, shown to who gives the password again, never in an address or a cache."""

from __future__ import annotations

import base64

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from propylon.accounts.api_auth import source_address
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.applications.actions import show_secret
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.forms import PasswordForm
from propylon.portal.my_apps.type_words import method_words


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest, application_id: str) -> HttpResponse:
    """POST answers with the secret itself: it must not wait in a session for a page that comes later."""
    asked = Permission.SHOW_SECRETS if request.method == "POST" else Permission.VIEW_APPLICATIONS
    page = app_page(request, application_id, "keys", asked)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    secret = _shown(request, page, form) if form.is_bound and form.is_valid() else ""
    context = {
        "page_of": page,
        "form": form,
        "method": method_words(page.client.token_endpoint_auth_method),
        "has_secret": bool(page.client.secret_digest),
        "secret": secret,
        "basic": base64.b64encode(f"{page.client.client_id}:{secret}".encode()).decode() if secret else "",
    }
    response = render(request, "portal/apps/keys.html", context, status=400 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest, page: AppPage, form: PasswordForm) -> str:
    client = access_client(page.user, page.client.client_id, Permission.SHOW_SECRETS)
    try:
        return show_secret(
            acting_user=page.actor,
            user=page.user,
            client=client,
            password=form.cleaned_data["password"],
            source_address=source_address(request),
        ).reveal()
    except PropylonError as error:
        if error.code == "sign_in.confirmation.wrong":
            form.add_error("password", error.message)
            form.refusal_code = error.code
        else:
            form.add_refusal(error)
    return ""
