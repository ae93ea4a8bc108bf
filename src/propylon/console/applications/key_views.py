"""New client secrets: requests for them, the operator's own wish, the end of an old secret (FEATURES A3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client, access_regeneration
from propylon.applications.models import Client, Regeneration
from propylon.applications.overlaps import NO_OVERLAP, USUAL_OVERLAP
from propylon.applications.selectors import regenerations_of
from propylon.audit.selectors import events_about
from propylon.console.access import staff_change, staff_form, staff_only, staff_user
from propylon.console.applications.forms import KeyRequestForm, SecretForm
from propylon.console.pages import console_page, done, not_done, nothing_chosen, status_of
from propylon.kernel.errors import Kind, PropylonError


@staff_form(Permission.APPROVE)
def key_request(request: HttpRequest, request_id: str) -> HttpResponse:
    found = access_regeneration(staff_user(request), request_id, Permission.VIEW_APPLICATIONS)
    if request.method != "POST":
        usual = NO_OVERLAP if found.may_be_known else USUAL_OVERLAP
        return _page(request, found, KeyRequestForm(initial={"overlap": usual}))
    form = KeyRequestForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        said = _decide(request, found, form)
    except PropylonError as error:
        form.add_refusal(error)
        again = access_regeneration(staff_user(request), request_id, Permission.VIEW_APPLICATIONS)
        return _page(
            request, again, form, status=status_of(error), is_changed=error.code == "client.regeneration.decided"
        )
    return done(request, said % {"name": found.client.application.name}, reverse("console_queue:home"))


def _decide(request: HttpRequest, found: Regeneration, form: KeyRequestForm) -> str:
    actor, note = actor_of(staff_user(request)), form.cleaned_data["note"]
    if request.POST.get("decision") == "approve":
        overlap = form.cleaned_data["overlap"]
        actions.approve_regeneration(acting_user=actor, regeneration=found, overlap=overlap, note=note)
        return _("%(name)s has a new secret. Its developers have a mail.")
    if request.POST.get("decision") != "refuse":
        raise nothing_chosen()
    actions.refuse_regeneration(acting_user=actor, regeneration=found, note=note)
    return _("The request of %(name)s was refused. Its developers have a mail with the reason.")


def _page(
    request: HttpRequest, found: Regeneration, form: KeyRequestForm, *, status: int = 200, is_changed: bool = False
) -> HttpResponse:
    client = found.client
    context = {
        "key_request": found,
        "client": client,
        "application": client.application,
        "form": form,
        "is_changed": is_changed,
        "earlier": list(regenerations_of(client).exclude(pk=found.pk)[:20]),
        "events": list(events_about([("client", client.client_id)]).order_by("-pk")[:10]),
    }
    return console_page(request, "applications/key_request.html", context, status=status)


@staff_only(Permission.MANAGE_PROGRAM)
def new_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """The operator's own wish."""
    user = staff_user(request)
    found = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    form = SecretForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.regenerate_secret(acting_user=actor_of(user), client=found, **form.cleaned_data)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                text = _("The secret was replaced. The developers show themselves the new one.")
                return done(request, text, _place_of(found))
    context = {"client": found, "form": form, "waiting": regenerations_of(found).filter(state="waiting").first()}
    return console_page(request, "applications/secret.html", context, status=status)


@staff_change(Permission.SECURE)
def old_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """Ends it before its time; sent twice, the second time says that it has ended."""
    user = staff_user(request)
    found = access_client(user, client_id, Permission.SECURE)
    try:
        actions.end_old_secret(
            acting_user=actor_of(user), client=found, refuse_tokens=request.POST.get("refuse_tokens") == "on"
        )
    except PropylonError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        return not_done(request, error, _place_of(found))
    return done(request, _("The old secret has ended. The developers have a mail."), _place_of(found))


def _place_of(client: Client) -> str:
    there = reverse("console_applications:detail", args=[client.application.public_id])
    return f"{there}#{client.client_id}"
