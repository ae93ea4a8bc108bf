"""An application in a further environment: a client of its own, with base URL, audience and keys of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from propylon.accounts.api_auth import source_address
from propylon.accounts.roles import Permission
from propylon.applications.actions import add_client
from propylon.applications.models import Client
from propylon.applications.selectors import next_service_account_name, subscriptions_of
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps import registering
from propylon.portal.my_apps.added_words import tell_added
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.product_choice import product_choice
from propylon.portal.my_apps.registration_form import ClientForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_environment(request: HttpRequest, application_id: str) -> HttpResponse:
    """The same form as for a new application, filled from the environment that it is in."""
    page = app_page(request, application_id, "add_environment", Permission.MANAGE_APPLICATIONS)
    if not page.further_environments:
        messages.info(request, _("The application is in every environment already."))
        return page.leads_to("detail")
    form = _form(request, page)
    chosen = _chosen(request, page)
    if form.is_bound and form.is_valid():
        try:
            client, problem = _add(page, form, chosen)
        except PropylonError as error:
            form.add_refusal(error)
        else:
            tell_added(request, client, problem)
            page.client = client
            return page.leads_to("detail")
    context = {
        "page_of": page,
        "form": form,
        "products": product_choice(request.POST.get("products_like", ""), chosen=chosen),
        "service_account": next_service_account_name(page.application.organization) if "csr" in form.fields else "",
    }
    return render(request, "portal/apps/add_environment.html", context, status=400 if form.errors else 200)


def _form(request: HttpRequest, page: AppPage) -> ClientForm:
    facts: dict[str, Any] = {
        "type_name": page.application.type,
        "environments": page.further_environments,
        "address": source_address(request),
    }
    if request.method == "POST" and "look_up" not in request.POST:
        return ClientForm(request.POST, request.FILES, **facts)
    if request.method == "POST":
        boxes = {name: name in request.POST for name in ("allows_postman", "from_here")}
        return ClientForm(initial={**request.POST.dict(), **boxes}, **facts)
    client = page.client
    security = f"{client.security_profile}:{client.token_endpoint_auth_method}"
    form = ClientForm(initial={"redirect_uris": client.redirect_uris}, **facts)
    if security in form.choices:
        form.initial["security"] = security
    return form


def _chosen(request: HttpRequest, page: AppPage) -> list[str]:
    if request.method == "POST":
        return request.POST.getlist("products")
    return [row.product.name for row in subscriptions_of(page.client)]


def _add(page: AppPage, form: ClientForm, products: list[str]) -> tuple[Client, PropylonError | None]:
    environment, certificate = form.chosen_environment(), form.certificate_wish()
    name = next_service_account_name(page.application.organization)
    registering.check_certificate(certificate, name)
    client, _secret = add_client(
        acting_user=page.actor, application=page.application, environment=environment, wish=form.wish(products)
    )
    return client, registering.order(page.user, client, certificate)
