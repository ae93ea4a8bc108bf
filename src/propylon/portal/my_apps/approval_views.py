"""Asking customers on their own devices (CIBA): allowed in a sandbox, and answered there in a customer's place."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.applications import actions
from propylon.applications.access import access_asking_customers
from propylon.applications.client_policy import may_be_allowed_to_ask
from propylon.authserver.simulated_approvals import APPROVE, DENY, TIME_OUT, is_simulated, simulate_answer
from propylon.authserver.simulated_approvals import simulated_approvals as waiting_of
from propylon.customers.models import Customer
from propylon.kernel.errors import Kind, PropylonError
from propylon.oauth.metadata import BACKCHANNEL
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page

_MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def approvals(request: HttpRequest, application_id: str) -> HttpResponse:
    """The name of the button says what is meant."""
    page = app_page(request, application_id, "settings")
    if request.method == "POST":
        try:
            _act(request, page)
        except PropylonError as error:
            if error.kind not in {Kind.CONFLICT, Kind.NOT_FOUND}:
                raise
            messages.error(request, _("It was answered already, or its time is over. Nothing was changed."))
        return page.leads_to("approvals")
    client = page.client
    here = is_simulated(client)
    rows = list(waiting_of(client)[:_MOST_SHOWN]) if here else []
    known = Customer.objects.filter(environment=client.environment.name, subject__in={row.subject for row in rows})
    names = dict(known.values_list("subject", "name"))
    context = {
        "page_of": page,
        "fits": may_be_allowed_to_ask(client),
        "is_here": here,
        "ask_address": settings.PROPYLON_ISSUER_URL + BACKCHANNEL,
        "answer_address": settings.PROPYLON_ISSUER_URL + reverse("portal_approvals:list"),
        "waiting": [(row, names.get(row.subject, row.subject)) for row in rows],
    }
    return render(request, "portal/apps/approvals.html", context)


def _act(request: HttpRequest, page: AppPage) -> None:
    chosen = request.POST.get("answer", "")
    if chosen in {APPROVE, DENY, TIME_OUT}:
        approval_id = request.POST.get("approval", "")[:40]
        simulate_answer(acting_user=page.actor, client=page.client, approval_id=approval_id, answer=chosen)
        said = {
            APPROVE: _("Approved in the customer's place."),
            DENY: _("Denied in the customer's place."),
            TIME_OUT: _("The question has timed out."),
        }
        messages.success(request, said[chosen])
    elif request.POST.get("allow", "") in {"yes", "no"}:
        client = access_asking_customers(page.user, page.client.client_id)
        is_allowed = request.POST["allow"] == "yes"
        actions.allow_asking_customers(acting_user=page.actor, client=client, is_allowed=is_allowed)
        messages.success(request, _("The change is stored and in force."))
