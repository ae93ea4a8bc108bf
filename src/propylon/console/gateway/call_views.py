"""Calls of everybody: found by their RequestTrackingId, and what the gateway refused lately."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from propylon.applications.models import Application, Client
from propylon.audit.selectors import events
from propylon.catalog.selectors import environment_titles
from propylon.certificates.models import Certificate
from propylon.console.access import staff_page, staff_user
from propylon.console.gateway.forms import CallFilters, LookUpForm
from propylon.console.pages import console_page, filters, page_query
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError
from propylon.usage.access import access_call
from propylon.usage.call_pages import refused_page
from propylon.usage.models import CallRecord
from propylon.usage.refusal_words import refusal_sentence


@staff_page
def calls(request: HttpRequest) -> HttpResponse:
    """With a tracking id in the address, on to the call, or a word why there is none."""
    look_up = LookUpForm(request.GET) if "tracking_id" in request.GET else LookUpForm()
    status = 200
    if look_up.is_bound:
        status = 400
        if look_up.is_valid():
            try:
                found = access_call(staff_user(request), look_up.cleaned_data["tracking_id"].strip())
            except PropylonError as error:
                look_up.add_refusal(error)
                status = 404
            else:
                return HttpResponseRedirect(reverse("console_gateway:call", args=[found.tracking_id]))
    form = filters(CallFilters, request)
    since = timezone.now() - timedelta(hours=int(form.chosen["hours"] or 24))
    page = refused_page(
        since, page_query(request), refusal_code=form.chosen["refusal_code"].strip(), filters=form.query
    )
    context = {"rows": page.rows, "paging": page.paging, "filters": form, "look_up": look_up}
    return console_page(request, "gateway/calls.html", context, status=status)


@staff_page
def call(request: HttpRequest, tracking_id: str) -> HttpResponse:
    found = access_call(staff_user(request), tracking_id)
    context = {
        "call": found,
        "refusal": in_words(refusal_sentence(found.refusal_code)),
        "environment_titles": environment_titles(),
        "events": list(events(tracking_id=found.tracking_id).order_by("-pk")[:20]),
        **_parties(found),
    }
    return console_page(request, "gateway/call.html", context)


def _parties(found: CallRecord) -> dict[str, object]:
    """Whose call it was: application, client and certificate, as far as they are known."""
    rows = Application.objects.select_related("organization").filter(public_id=found.application_id)
    certificate = Certificate.objects.filter(fingerprint=found.certificate_fingerprint)
    return {
        "application": rows.first() if found.application_id else None,
        "client": Client.objects.filter(client_id=found.client_id).first() if found.client_id else None,
        "certificate": certificate.first() if found.certificate_fingerprint else None,
    }
