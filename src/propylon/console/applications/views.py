"""Applications of all partners: list, one with its clients, deletion."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.models import Organization
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_application, access_client
from propylon.applications.client_policy import policy_of
from propylon.applications.models import Application
from propylon.applications.selectors import ApplicationSearch, complete_application, listed_applications, regenerations
from propylon.audit.paging import page_of
from propylon.audit.selectors import events_about
from propylon.certificates.models import Certificate
from propylon.certificates.selectors import certificates
from propylon.console.access import staff_only, staff_page, staff_user
from propylon.console.applications.forms import ApplicationFilters, TypedForm
from propylon.console.pages import console_page, done, filters, page_query
from propylon.oauth.policy import TYPES
from propylon.usage.selectors import CallFilter, recent_calls

_VIEW = Permission.VIEW_APPLICATIONS
_CALLS_SHOWN = 10


@staff_page
def applications(request: HttpRequest) -> HttpResponse:
    form = filters(ApplicationFilters, request)
    chosen = form.chosen
    organizations = Organization.objects.all()
    if chosen["organization"]:
        organizations = organizations.filter(public_id=chosen["organization"])
    search = ApplicationSearch(chosen["text"], chosen["type"], chosen["status"], chosen["environment"])
    page = page_of(
        search.apply(listed_applications(organizations)),
        page_query(request),
        name="console applications",
        filters=form.query,
    )
    only = organizations.first() if chosen["organization"] else None
    context = {"page_rows": page, "filters": form, "only": only, "types": TYPES}
    return console_page(request, "applications/list.html", context)


@staff_page
def application(request: HttpRequest, application_id: str) -> HttpResponse:
    found = complete_application(access_application(staff_user(request), application_id, _VIEW))
    clients = list(found.clients.all())
    things = [("application", found.public_id), *(("client", client.client_id) for client in clients)]
    context = {
        "application": found,
        "type_title": _(TYPES[found.type].title),
        "clients": [(client, policy_of(client)) for client in clients],
        "key_requests": list(regenerations(Organization.objects.all()).filter(client__in=clients).order_by("-pk")[:20]),
        "certificates": _certificates(found),
        "calls": recent_calls(found.public_id, CallFilter(), before=None, limit=_CALLS_SHOWN),
        "events": list(events_about(things).order_by("-pk")[:20]),
    }
    return console_page(request, "applications/detail.html", context)


def _certificates(found: Application) -> list[Certificate]:
    rows = certificates().filter(client__application=found, made_for="partner")
    return list(rows.order_by("-not_after")[:20])


@staff_page
def client(request: HttpRequest, client_id: str) -> HttpResponse:
    """A client has its place on the page of its application."""
    found = access_client(staff_user(request), client_id, _VIEW)
    there = reverse("console_applications:detail", args=[found.application.public_id])
    return HttpResponseRedirect(f"{there}#{found.client_id}")


@staff_only(Permission.MANAGE_APPLICATIONS)
def deletion(request: HttpRequest, application_id: str) -> HttpResponse:
    user = staff_user(request)
    found = access_application(user, application_id, Permission.MANAGE_APPLICATIONS)
    form = TypedForm(request.POST or None, wanted=found.name)
    if request.method == "POST" and form.is_valid():
        actions.delete_application(acting_user=actor_of(user), application=found)
        text = _("%(name)s was deleted. Its tokens are refused from now on.") % {"name": found.name}
        return done(request, text, reverse("console_applications:list"))
    context = {"application": found, "form": form}
    return console_page(request, "applications/deletion.html", context, status=400 if form.errors else 200)
