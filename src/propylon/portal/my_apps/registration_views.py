"""Add App: choose the type, then one short form."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from propylon.accounts.access import require
from propylon.accounts.api_auth import source_address
from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission
from propylon.applications.selectors import listed_applications, next_service_account_name, subscribable_products
from propylon.catalog.selectors import environments
from propylon.kernel.errors import PropylonError
from propylon.oauth.policy import TYPES
from propylon.portal.account.access import signed_in, signed_in_user
from propylon.portal.my_apps import registering
from propylon.portal.my_apps.added_words import tell_added
from propylon.portal.my_apps.organizations import own_organizations
from propylon.portal.my_apps.product_choice import product_choice
from propylon.portal.my_apps.registration_form import RegistrationForm
from propylon.portal.my_apps.type_advice import advise, questions
from propylon.portal.my_apps.type_words import type_card, type_cards

_LONGEST_NAME = 80


@require_safe
@signed_in
def choose_type(request: HttpRequest) -> HttpResponse:
    """The types and what each means for security; three questions for who does not know which."""
    of_the_bank = any(each.is_operator for each in _organizations(signed_in_user(request)))
    given = {name: request.GET.get(name, "") for name in ("runs", "people", "bank")}
    asked = questions(given, of_the_bank=of_the_bank)
    context = {
        "cards": type_cards(of_the_bank=of_the_bank),
        "questions": asked,
        "advice": advise(asked),
        "is_asking": any(question.chosen for question in asked),
        "product": request.GET.get("product", "")[:60],
    }
    return render(request, "portal/apps/new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def register(request: HttpRequest, type_name: str) -> HttpResponse:
    """The form of a type. Pressing "search" in it only looks for products; nothing typed is lost."""
    user = signed_in_user(request)
    organizations = _organizations(user)
    if type_name in TYPES and TYPES[type_name].is_of_the_bank:
        organizations = [each for each in organizations if each.is_operator]
    if type_name not in TYPES or not organizations:
        raise Http404
    form = _form(request, user, type_name, organizations)
    if form.is_bound and form.is_valid():
        try:
            application, problem = registering.register(user, form, _chosen_products(request))
        except PropylonError as error:
            form.add_refusal(error)
        else:
            tell_added(request, application.clients.select_related("application", "environment").get(), problem)
            address = reverse("portal_apps:detail", args=[application.public_id])
            return HttpResponseRedirect(address, status=303)
    context = {
        "form": form,
        "card": type_card(TYPES[type_name]),
        "products": product_choice(request.POST.get("products_like", ""), chosen=_chosen_products(request)),
        "service_account": next_service_account_name(organizations[0]) if "csr" in form.fields else "",
        "product_query": request.GET.get("product", "")[:60],
    }
    return render(request, "portal/apps/register.html", context, status=400 if form.errors else 200)


@require_safe
@signed_in
def products(request: HttpRequest) -> HttpResponse:
    """The part of the form that lists products, as htmx asks for it while one types."""
    found = product_choice(request.GET.get("products_like", ""), chosen=request.GET.getlist("products"))
    return render(request, "portal/apps/parts/product_boxes.html", {"products": found})


def _form(request: HttpRequest, user: User, type_name: str, organizations: list[Organization]) -> RegistrationForm:
    facts: dict[str, Any] = {
        "type_name": type_name,
        "organizations": organizations,
        "environments": list(environments()),
        "address": source_address(request),
    }
    if request.method == "POST" and "look_up" not in request.POST:
        return RegistrationForm(request.POST, request.FILES, **facts)
    typed = _typed(request.POST) if request.method == "POST" else _proposed(user, organizations)
    return RegistrationForm(initial=typed, **facts)


def _proposed(user: User, organizations: list[Organization]) -> dict[str, str | bool]:
    """One's own address; an organization's first application has a name at once, which can be changed at any time."""
    name = "" if listed_applications(organizations).exists() else organizations[0].name[:_LONGEST_NAME]
    return {"name": name, "contact_email": user.email}


def _typed(data: QueryDict) -> dict[str, str | bool]:
    """What stands in the form so far, for showing it again unchecked."""
    boxes = {name: name in data for name in ("allows_postman", "from_here")}
    return {**{name: str(data[name]) for name in data}, **boxes}


def _chosen_products(request: HttpRequest) -> list[str]:
    """What is ticked: the product that one came from, or the only one that there is."""
    if request.method == "POST":
        return request.POST.getlist("products")
    if name := request.GET.get("product", "")[:60]:
        return [name]
    every = list(subscribable_products()[:2])
    return [product.name for product in every] if len(every) == 1 else []


def _organizations(user: User) -> list[Organization]:
    found = list(own_organizations(user, Permission.MANAGE_APPLICATIONS))
    if not found:
        require(user, Permission.MANAGE_APPLICATIONS)
    return found
