"""The public keys with which a client's signatures are verified: seen, and replaced by who may see its secrets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.models import FetchedKeys
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import confirmed_recently
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.public_keys_form import PublicKeysForm
from propylon.portal.my_apps.setting_views import stored_words


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def public_keys(request: HttpRequest, application_id: str) -> HttpResponse:
    page = app_page(request, application_id, "keys", Permission.SHOW_SECRETS)
    form = PublicKeysForm(
        request.POST if request.method == "POST" else None,
        known=page.client.public_keys,
        initial={
            "requires_signed_requests": page.client.requires_signed_requests,
            "jwks_uri": page.client.jwks_uri,
        },
    )
    if form.is_bound and form.is_valid() and _set(page, form):
        messages.success(request, stored_words(page, _("The keys are in force with the next request.")))
        return page.leads_to("public_keys")
    fetched = FetchedKeys.objects.filter(client=page.client).first() if page.client.jwks_uri else None
    keys = fetched.usable if fetched else page.client.public_keys
    context = {"page_of": page, "form": form, "keys": keys, "fetched": fetched}
    return render(request, "portal/apps/public_keys.html", context, status=400 if form.errors else 200)


def _set(page: AppPage, form: PublicKeysForm) -> bool:
    try:
        actions.set_public_keys(acting_user=page.actor, client=page.client, **form.cleaned_data)
    except PropylonError as error:
        form.add_refusal(error)
        return False
    return True
