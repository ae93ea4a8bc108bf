"""The recent calls of an application, and one call with what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from propylon.accounts.roles import Permission
from propylon.catalog.selectors import environment_titles
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import app_page
from propylon.portal.my_apps.call_advice import advice_for
from propylon.usage.access import access_call_of
from propylon.usage.call_pages import call_page
from propylon.usage.refusal_words import refusal_sentence
from propylon.usage.schemas import CallsQuery
from propylon.usage.selectors import Outcome

PAGE = 25


@require_safe
@signed_in
def calls(request: HttpRequest, application_id: str) -> HttpResponse:
    """Newest first. With a tracking id in the search it leads to that call."""
    page = app_page(request, application_id, "calls", Permission.VIEW_USAGE)
    looked_for = request.GET.get("tracking_id", "").strip()[:80]
    is_missing = False
    if looked_for:
        try:
            return page.leads_to("call", access_call_of(page.user, page.application, looked_for).tracking_id)
        except PropylonError:
            is_missing = True
    outcome = request.GET.get("outcome", "")
    chosen = Outcome(outcome) if outcome in {each.value for each in Outcome} else None
    after = request.GET.get("after", "")[:400]
    query = CallsQuery.model_validate({"limit": PAGE, "after": after, "outcome": chosen})
    found = call_page(page.application.public_id, query)
    context = {
        "page_of": page,
        "calls": found.data,
        "paging": found.paging,
        "outcome": chosen.value if chosen else "",
        "outcomes": [
            ("", _("All")),
            (Outcome.REFUSED.value, _("Refused by the gateway")),
            (Outcome.ERROR.value, _("Answered with an error")),
        ],
        "looked_for": looked_for,
        "is_missing": is_missing,
        "environment_titles": environment_titles(),
    }
    return render(request, "portal/apps/calls.html", context)


@require_safe
@signed_in
def call(request: HttpRequest, application_id: str, tracking_id: str) -> HttpResponse:
    page = app_page(request, application_id, "calls", Permission.VIEW_USAGE)
    record = access_call_of(page.user, page.application, tracking_id)
    for client in page.clients:
        if client.client_id == record.client_id:
            page.client = client
    context = {
        "page_of": page,
        "call": record,
        "refusal": in_words(refusal_sentence(record.refusal_code)),
        "advice": advice_for(page, record),
        "environment_titles": environment_titles(),
    }
    return render(request, "portal/apps/call.html", context)
