"""Asking again for an environment that was rejected, with a note to who decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.models import ClientStatus
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import app_page
from propylon.portal.my_apps.forms import RequestForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask_again(request: HttpRequest, application_id: str) -> HttpResponse:
    page = app_page(request, application_id, "ask_again", Permission.MANAGE_APPLICATIONS)
    form = RequestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.ask_again(acting_user=page.actor, client=page.client, **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
        else:
            facts = {"environment": page.client.environment.title}
            messages.success(request, _("The operator decides about %(environment)s once more.") % facts)
            return page.leads_to("detail")
    context = {"page_of": page, "form": form, "is_rejected": page.client.status == ClientStatus.REJECTED}
    return render(request, "portal/apps/request.html", context, status=400 if form.errors else 200)
