"""Subscribing an application from the product's page (FEATURES A5)."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from propylon.accounts.access import actor_of, visible_organizations
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.applications.actions import subscribe
from propylon.applications.models import Client
from propylon.applications.selectors import clients_to_subscribe
from propylon.catalog.access import access_product
from propylon.catalog.models import Product
from propylon.design.forms import PageForm
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in, signed_in_user

SHOWN = 20


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """`text` is what was searched for; `has_more` says that others match, too, which a narrower search finds."""

    clients: tuple[Client, ...]
    text: str
    has_more: bool

    @property
    def needs_search(self) -> bool:
        return self.has_more or bool(self.text)


def _choice(user: User, product: Product, text: str) -> ClientChoice:
    text = text.strip()[:80]
    found = list(clients_to_subscribe(user, product, text=text)[: SHOWN + 1])
    return ClientChoice(tuple(found[:SHOWN]), text, has_more=len(found) > SHOWN)


class SubscribeForm(PageForm):
    client = forms.CharField(label=gettext_lazy("Application"), max_length=40, widget=forms.RadioSelect)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def subscribe_application(request: HttpRequest, product: str) -> HttpResponse:
    user = signed_in_user(request)
    found = access_product(user, product)
    choice = _choice(user, found, request.GET.get("q", ""))
    form = SubscribeForm(request.POST or None)
    form.fields["client"].widget.choices = [
        (client.client_id, f"{client.application.name} ({client.environment.title})") for client in choice.clients
    ]
    if request.method == "POST" and form.is_valid():
        try:
            client = access_client(user, form.cleaned_data["client"], Permission.MANAGE_APPLICATIONS)
            subscribe(acting_user=actor_of(user), client=client, product=found)
        except PropylonError as error:
            form.add_refusal(error)
        else:
            text = _("%(application)s may now ask for the scopes of %(product)s.")
            messages.success(request, text % {"application": client.application.name, "product": found.title})
            version = found.versions.all()[0].version
            return HttpResponseRedirect(reverse("portal_catalogue:token", args=[product, version]), status=303)
    context = {
        "product": found,
        "choice": choice,
        "form": form,
        "may_add": lambda: visible_organizations(user, Permission.MANAGE_APPLICATIONS).exists(),
    }
    return render(request, "portal/catalogue/subscribe.html", context, status=400 if form.errors else 200)
