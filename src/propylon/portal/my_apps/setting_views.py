"""What can be changed of an application: name, contact, redirect URIs, source ranges; and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.api_auth import source_address
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.client_policy import may_be_allowed_to_ask
from propylon.applications.models import ClientStatus, SourceRange
from propylon.authserver.logout_addresses import logout_addresses, set_logout_addresses
from propylon.kernel.errors import PropylonError
from propylon.oauth.policy import RedirectRule
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.forms import LogoutUrisForm, RedirectUrisForm, SettingsForm, SourceRangesForm, TypedForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings_page(request: HttpRequest, application_id: str) -> HttpResponse:
    """Three forms; the button's name says which was sent."""
    page = app_page(request, application_id, "settings")
    sends_uris, sends_logout = "set_redirect_uris" in request.POST, "set_logout_uris" in request.POST
    data = request.POST if request.method == "POST" else None
    application = page.application
    form = SettingsForm(
        None if sends_uris or sends_logout else data,
        initial={"name": application.name, "contact_email": application.contact_email},
    )
    uris = RedirectUrisForm(data if sends_uris else None, initial={"redirect_uris": page.client.redirect_uris})
    after_logout = logout_addresses(page.client.client_id)
    logout = LogoutUrisForm(data if sends_logout else None, initial={"post_logout_redirect_uris": after_logout})
    is_changed = (
        (uris.is_bound and _set_uris(page, uris))
        or (logout.is_bound and _set_logout(page, logout))
        or (form.is_bound and _change(page, form))
    )
    if is_changed:
        messages.success(request, stored_words(page, _("The change is stored and in force.")))
        return page.leads_to("settings")
    context = {
        "page_of": page,
        "form": form,
        "may_ask": may_be_allowed_to_ask(page.client),
        "uris": uris if page.policy.redirect_rule is not RedirectRule.NONE else None,
        "logout": logout if page.policy.redirect_rule is not RedirectRule.NONE else None,
        "after_logout": after_logout,
    }
    is_wrong = bool(form.errors or uris.errors or logout.errors)
    return render(request, "portal/apps/settings.html", context, status=400 if is_wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def source_ranges(request: HttpRequest, application_id: str) -> HttpResponse:
    page = app_page(request, application_id, "source_ranges")
    stored = sorted(SourceRange.objects.filter(client=page.client).values_list("cidr", flat=True))
    form = SourceRangesForm(request.POST if request.method == "POST" else None, initial={"source_ranges": stored})
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data["source_ranges"]
        try:
            actions.set_source_ranges(acting_user=page.actor, client=page.client, source_ranges=wanted)
        except PropylonError as error:
            form.add_refusal(error)
        else:
            messages.success(request, stored_words(page, _("The source ranges are in force within a second.")))
            return page.leads_to("source_ranges")
    context = {"page_of": page, "form": form, "stored": stored, "address": source_address(request)}
    return render(request, "portal/apps/source_ranges.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete(request: HttpRequest, application_id: str) -> HttpResponse:
    """Says what will happen; its name, typed, makes it happen."""
    page = app_page(request, application_id, "delete", Permission.MANAGE_APPLICATIONS)
    name = page.application.name
    label = _("Type the application's name, %(name)s, to confirm") % {"name": name}
    form = TypedForm(request.POST if request.method == "POST" else None, expected=name, label=label)
    if form.is_bound and form.is_valid():
        actions.delete_application(acting_user=page.actor, application=page.application)
        messages.success(request, _("%(name)s was deleted. Its tokens are refused from now on.") % {"name": name})
        return HttpResponseRedirect(reverse("portal_apps:list"), status=303)
    return render(
        request, "portal/apps/delete.html", {"page_of": page, "form": form}, status=400 if form.errors else 200
    )


def stored_words(page: AppPage, in_force: str) -> str:
    """What is changed of a client that is not approved is in force nowhere yet."""
    if page.is_approved:
        return in_force
    if page.client.status == ClientStatus.REJECTED:
        return _("The change is stored. Ask again now: then the operator decides about it.")
    return _("The change is stored. It is in force once the operator has approved.")


def _set_uris(page: AppPage, form: RedirectUrisForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.set_redirect_uris(acting_user=page.actor, client=page.client, **form.cleaned_data)
    except PropylonError as error:
        form.add_refusal(error)
        return False
    return True


def _set_logout(page: AppPage, form: LogoutUrisForm) -> bool:
    if not form.is_valid():
        return False
    try:
        set_logout_addresses(
            acting_user=page.actor, client=page.client, uris=form.cleaned_data["post_logout_redirect_uris"]
        )
    except PropylonError as error:
        form.add_refusal(error)
        return False
    return True


def _change(page: AppPage, form: SettingsForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.change_application(acting_user=page.actor, application=page.application, **form.cleaned_data)
    except PropylonError as error:
        form.add_refusal(error)
        return False
    return True
