"""One version of a product: its operations and who may call them, and where it answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications.selectors import clients_subscribed_to
from propylon.audit.paging import PageQuery, page_of
from propylon.catalog import actions, selectors
from propylon.catalog.access import (
    access_operation,
    access_publication,
    access_version,
    environment_named,
    upstream_named,
)
from propylon.catalog.addresses import version_urls
from propylon.catalog.mocks import SANDBOX_UPSTREAM, mock_prefix
from propylon.catalog.models import ProductVersion, Publication
from propylon.catalog.version_difference import version_before, version_difference
from propylon.console.access import staff_change, staff_form, staff_only, staff_user
from propylon.console.pages import console_page, done, not_done, page_query, status_of
from propylon.console.products.forms import DestinationForm
from propylon.console.products.operation_access import ACCESS, access_of
from propylon.kernel.errors import PropylonError
from propylon.usage.version_callers import version_callers

_MANAGE = Permission.MANAGE_PROGRAM
_CLIENTS_SHOWN = 30


@staff_form(_MANAGE)
def version(request: HttpRequest, product: str, version: str) -> HttpResponse:
    """POST publishes it."""
    user = staff_user(request)
    found = access_version(user, product, version)
    if request.method != "POST":
        return _page(request, found, DestinationForm())
    form = DestinationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    told = form.cleaned_data
    try:
        actions.publish(
            acting_user=actor_of(user),
            product_version=found,
            environment=environment_named(told["environment"]),
            upstream=upstream_named(told["upstream"]),
            upstream_prefix=told["upstream_prefix"],
        )
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, form, status=status_of(error))
    return done(request, _("Published. The gateways answer for it within seconds."), request.path)


def _page(request: HttpRequest, found: ProductVersion, form: DestinationForm, *, status: int = 200) -> HttpResponse:
    asked = page_query(request, rows=100) if request.method == "GET" else PageQuery(limit=100, after="")
    page = page_of(selectors.operations(found), asked, name=f"console operations of {found.pk}", newest_first=False)
    rows = found.publications.select_related("environment", "upstream", "product_version__product").defer(
        "product_version__document"
    )
    before = version_before(found)
    context = {
        "version": found,
        "product": found.product,
        "before": before,
        "breaking": len(version_difference(before, found).breaking) if before and not rows else 0,
        "operations": [(row, access_of(row.is_public, row.requires_certificate)) for row in page.rows],
        "paging": page.paging,
        "access_choices": [(name, words) for name, (words, *_) in ACCESS.items()],
        "publications": [_shown(row) for row in rows.order_by("environment__position")],
        "form": form,
    }
    return console_page(request, "products/version.html", context, status=status)


def _shown(row: Publication) -> dict[str, object]:
    is_mock = row.upstream.name == SANDBOX_UPSTREAM and row.upstream_prefix == mock_prefix(row.product_version)
    return {"row": row, "address": version_urls(row)[0], "is_mock": is_mock}


@staff_only(_MANAGE)
def unpublish(request: HttpRequest, product: str, version: str, environment: str) -> HttpResponse:
    """GET says whom it concerns."""
    user = staff_user(request)
    there = reverse("console_products:version", args=[product, version])
    try:
        publication = access_publication(user, product, version, environment, _MANAGE)
        if request.method != "POST":
            return _confirmation(request, publication)
        actions.unpublish(acting_user=actor_of(user), publication=publication)
    except PropylonError as error:
        return not_done(request, error, there)
    return done(request, _("It no longer answers there. The subscribers get a mail."), there)


def _confirmation(request: HttpRequest, publication: Publication) -> HttpResponse:
    found = publication.product_version
    clients = clients_subscribed_to(found.product, publication.environment)
    callers = version_callers(found.product.name, found.version)
    context = {
        "version": found,
        "product": found.product,
        "environment": publication.environment,
        "subscribers": clients.count(),
        "clients": clients.order_by("application__name")[:_CLIENTS_SHOWN],
        "callers": len([row for row in callers if row.environment == publication.environment.name]),
    }
    return console_page(request, "products/unpublish.html", context)


@staff_change(_MANAGE)
def operation_access(request: HttpRequest, product: str, version: str, operation_id: str) -> HttpResponse:
    user = staff_user(request)
    operation = access_operation(user, product, version, operation_id, _MANAGE)
    there = reverse("console_products:version", args=[product, version])
    chosen = ACCESS.get(request.POST.get("access", ""))
    if chosen is None:
        return done(request, _("Nothing was chosen, so nothing was changed."), there)
    _words, is_public, requires_certificate = chosen
    try:
        actions.set_operation_access(
            acting_user=actor_of(user),
            operation=operation,
            is_public=is_public,
            requires_certificate=requires_certificate,
        )
    except PropylonError as error:
        return not_done(request, error, there)
    text = _("%(operation)s: %(access)s.") % {"operation": operation, "access": chosen[0]}
    return done(request, text, there)
