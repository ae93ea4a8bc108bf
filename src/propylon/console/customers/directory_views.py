"""Where an environment's customers log in: looked at, tried, changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.authserver.provider_views import callback_url
from propylon.catalog.access import environment_named
from propylon.catalog.models import Environment
from propylon.console.access import staff_change, staff_only, staff_page, staff_user
from propylon.console.customers.forms import FORMS
from propylon.console.pages import console_page, done, status_of
from propylon.customers.directory_records import directory_of, draft, use_built_in, use_directory
from propylon.customers.directory_settings import LDAP
from propylon.customers.directory_trial import Step, try_directory
from propylon.customers.models import CustomerDirectory
from propylon.design.forms import PageForm
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret


@staff_page
def directory(request: HttpRequest, name: str) -> HttpResponse:
    environment = environment_named(name)
    return _page(request, environment, directory_of(environment.name))


@staff_change(Permission.MANAGE_PROGRAM)
def trial(request: HttpRequest, name: str) -> HttpResponse:
    """The stored directory, tried."""
    environment = environment_named(name)
    row = directory_of(environment.name)
    return _page(request, environment, row, try_directory(row) if row else None)


@staff_change(Permission.MANAGE_PROGRAM)
def built_in(request: HttpRequest, name: str) -> HttpResponse:
    environment = environment_named(name)
    use_built_in(acting_user=actor_of(staff_user(request)), environment=environment.name)
    sentence = _("Customers log in with the built-in directory now.")
    return done(request, sentence, reverse("console_customers:directory", args=[name]))


@staff_only(Permission.MANAGE_PROGRAM)
def change(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Two buttons: try what the form says, or use it."""
    environment = environment_named(name)
    if kind not in FORMS:
        raise PropylonError("customer.directory.unknown", "There is no such kind of directory.", kind=Kind.NOT_FOUND)
    row = directory_of(environment.name)
    told = row.settings if row and row.kind == kind else {}
    form = FORMS[kind](request.POST or None, initial=told)
    status, steps = 400 if form.errors else 200, None
    if request.method == "POST" and form.is_valid():
        try:
            steps = _tried_or_used(request, environment, kind, form)
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            if steps is None:
                sentence = _("Customers of %(place)s log in there from now on.") % {"place": environment.title}
                return done(request, sentence, reverse("console_customers:directory", args=[name]))
    context = {
        "form": form,
        "environment": environment,
        "is_ldap": kind == LDAP,
        "steps": steps,
        "callback": callback_url(),
    }
    return console_page(request, "customers/change.html", context, status=status)


def _tried_or_used(request: HttpRequest, environment: Environment, kind: str, form: PageForm) -> list[Step] | None:
    """The steps if it was to be tried; None when it is used now."""
    told: dict[str, Any] = dict(form.cleaned_data)
    given = told.pop("secret", "")
    secret = Secret(given) if given else None
    if request.POST.get("step") == "try":
        return try_directory(draft(environment.name, kind, told, secret))
    use_directory(
        acting_user=actor_of(staff_user(request)), environment=environment.name, kind=kind, told=told, secret=secret
    )
    return None


def _page(
    request: HttpRequest, environment: Environment, row: CustomerDirectory | None, steps: list[Step] | None = None
) -> HttpResponse:
    context = {
        "environment": environment,
        "directory": row,
        "is_ldap": row is not None and row.kind == LDAP,
        "facts": row.settings if row else {},
        "steps": steps,
        "callback": callback_url(),
    }
    return console_page(request, "customers/directory.html", context)
