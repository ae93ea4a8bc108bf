"""The decision about a client: all facts, approve or reject; a stale page decides nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client
from propylon.applications.client_policy import policy_of
from propylon.applications.models import Client
from propylon.applications.selectors import complete_client, scopes_of
from propylon.audit.models import Event
from propylon.audit.selectors import events_about
from propylon.console.access import staff_form, staff_user
from propylon.console.applications.forms import DecisionForm
from propylon.console.pages import console_page, done, nothing_chosen, status_of
from propylon.kernel.errors import PropylonError
from propylon.oauth.policy import TYPES


@staff_form(Permission.APPROVE)
def decision(request: HttpRequest, client_id: str) -> HttpResponse:
    found = access_client(staff_user(request), client_id, Permission.VIEW_APPLICATIONS)
    if request.method != "POST":
        return _page(request, found, DecisionForm(initial={"seen_status": found.status}))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        said = _decide(request, found, form)
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, form, status=status_of(error))
    return done(request, said % {"name": found.application.name}, reverse("console_queue:home"))


def _decide(request: HttpRequest, client: Client, form: DecisionForm) -> str:
    actor = actor_of(staff_user(request))
    reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen_status"]
    if request.POST.get("decision") == "approve":
        actions.approve_client(acting_user=actor, client=client, reason=reason, seen_status=seen)
        return _("%(name)s was approved. Its developers have a mail.")
    if request.POST.get("decision") != "reject":
        raise nothing_chosen()
    actions.reject_client(acting_user=actor, client=client, reason=reason, seen_status=seen)
    return _("%(name)s was rejected. Its developers have a mail with the reason.")


def _page(request: HttpRequest, client: Client, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    client = complete_client(client)
    application = client.application
    context = {
        "client": client,
        "application": application,
        "type": TYPES[application.type],
        "policy": policy_of(client),
        "scopes": scopes_of(client),
        "form": form,
        "decided_by": _last_decision(client) if client.decided_at else None,
        "first_note": _first_note(client) if client.requests > 1 else "",
        "others": application.clients.exclude(pk=client.pk).select_related("environment"),
        "is_changed": bool(form.errors) and form["seen_status"].value() not in {"", client.status},
    }
    return console_page(request, "applications/decision.html", context, status=status)


def _last_decision(client: Client) -> Event | None:
    found = events_about([("client", client.client_id)]).filter(action__in=("client.approved", "client.rejected"))
    return found.order_by("-pk").first()


def _first_note(client: Client) -> str:
    """What the developers wrote when they asked for the first time."""
    found = events_about([("client", client.client_id)]).filter(action="client.requested").order_by("pk").first()
    return str(found.data.get("note", "")) if found else ""
