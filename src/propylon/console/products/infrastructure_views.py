"""Environments, upstreams and plans: what products are published with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions, selectors
from propylon.catalog.access import environment_named, plan_named, upstream_named
from propylon.catalog.addresses import address_of
from propylon.console.access import staff_change, staff_only, staff_page, staff_user
from propylon.console.pages import console_page, done, not_done, status_of
from propylon.console.products.infrastructure_forms import (
    EnvironmentChangeForm,
    EnvironmentForm,
    PlanChangeForm,
    PlanForm,
    UpstreamChangeForm,
    UpstreamForm,
)
from propylon.design.forms import PageForm
from propylon.kernel.errors import PropylonError


@staff_page
def environments(request: HttpRequest) -> HttpResponse:
    context = {
        "environments": [
            (row, address.public_url, address.mutual_url)
            for row, address in ((row, address_of(row)) for row in selectors.environments())
        ],
        "upstreams": selectors.upstreams().order_by("name")[:500],
        "plans": selectors.plans().order_by("requests_per_second", "name")[:200],
    }
    return console_page(request, "products/environments.html", context)


@staff_only(Permission.MANAGE_PROGRAM)
def add_environment(request: HttpRequest) -> HttpResponse:
    words = {
        "title": _("Add an environment"),
        "lead": _("A place with addresses, tokens and keys of its own: a sandbox, a pilot, production."),
        "done": _("The environment was added. Publish products to it."),
    }
    return _adding(request, EnvironmentForm, actions.create_environment, words)


@staff_only(Permission.MANAGE_PROGRAM)
def add_upstream(request: HttpRequest) -> HttpResponse:
    words = {
        "title": _("Add an upstream"),
        "lead": _("A system of the bank that the gateways send calls to."),
        "done": _("The upstream was added. Choose it when you publish a product."),
    }
    return _adding(request, UpstreamForm, actions.create_upstream, words)


@staff_only(Permission.MANAGE_PROGRAM)
def add_plan(request: HttpRequest) -> HttpResponse:
    words = {
        "title": _("Add a plan"),
        "lead": _("How fast an application may call."),
        "done": _("The plan was added."),
    }
    return _adding(request, PlanForm, actions.create_plan, words)


@staff_only(Permission.MANAGE_PROGRAM)
def change_environment(request: HttpRequest, name: str) -> HttpResponse:
    found = environment_named(name)
    form = EnvironmentChangeForm(
        request.POST or None, initial=_facts(found, EnvironmentChangeForm), is_in_use=selectors.has_applications(found)
    )
    words = {"title": _("Change %(name)s") % {"name": found.title}, "done": _("The environment was changed.")}
    return _changing(request, form, partial(actions.change_environment, environment=found), words)


@staff_only(Permission.MANAGE_PROGRAM)
def change_upstream(request: HttpRequest, name: str) -> HttpResponse:
    found = upstream_named(name)
    form = UpstreamChangeForm(request.POST or None, initial=_facts(found, UpstreamChangeForm))
    words = {
        "title": _("Change %(name)s") % {"name": found.name},
        "lead": _("What answers from there is called at the new address as soon as the gateways run it."),
        "done": _("The upstream was changed. The gateways take it up within seconds."),
    }
    return _changing(request, form, partial(actions.change_upstream, upstream=found), words)


@staff_only(Permission.MANAGE_PROGRAM)
def change_plan(request: HttpRequest, name: str) -> HttpResponse:
    found = plan_named(name)
    form = PlanChangeForm(request.POST or None, initial=_facts(found, PlanChangeForm))
    words = {
        "title": _("Change %(name)s") % {"name": found.title},
        "lead": _("New limits are in force for all applications that have the plan, as soon as the gateways run them."),
        "done": _("The plan was changed. The gateways take it up within seconds."),
    }
    return _changing(request, form, partial(actions.change_plan, plan=found), words, {"removable_plan": found})


@staff_change(Permission.MANAGE_PROGRAM)
def remove_plan(request: HttpRequest, name: str) -> HttpResponse:
    found = plan_named(name)
    try:
        actions.remove_plan(acting_user=actor_of(staff_user(request)), plan=found)
    except PropylonError as error:
        return not_done(request, error, reverse("console_products:change_plan", args=[name]))
    return done(request, _("The plan was removed."), reverse("console_products:environments"))


def _facts(row: Model, form_class: type[PageForm]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form_class.base_fields}


def _changing(
    request: HttpRequest,
    form: PageForm,
    change: Callable[..., None],
    words: dict[str, str],
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            change(acting_user=actor_of(staff_user(request)), **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, words["done"], reverse("console_products:environments"))
    context = {"form": form, "words": words, "is_change": True, **(more or {})}
    return console_page(request, "products/adding.html", context, status=status)


def _adding(
    request: HttpRequest, form_class: type[PageForm], create: Callable[..., Any], words: dict[str, str]
) -> HttpResponse:
    form = form_class(request.POST or None)
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            create(acting_user=actor_of(staff_user(request)), **form.cleaned_data)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(request, words["done"], reverse("console_products:environments"))
    return console_page(request, "products/adding.html", {"form": form, "words": words}, status=status)
