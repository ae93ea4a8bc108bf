"""Products: list, one with its versions, how it presents itself."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.applications.models import Subscription
from propylon.audit.paging import page_of
from propylon.audit.selectors import events_about
from propylon.catalog import actions, selectors
from propylon.catalog.access import access_product
from propylon.catalog.addresses import base_path
from propylon.catalog.models import Product
from propylon.catalog.risk_words import RISK_WORDS
from propylon.catalog.rule_words import bounds_in_words
from propylon.console.access import staff_form, staff_page, staff_user
from propylon.console.pages import console_page, done, filters, page_query, status_of
from propylon.console.products.forms import ListingForm, ProductFilters
from propylon.kernel.errors import PropylonError

_LISTING = ("is_visible", "is_featured", "is_psd2_only", "geography")


@staff_page
def products(request: HttpRequest) -> HttpResponse:
    form = filters(ProductFilters, request)
    chosen = form.chosen
    is_visible = {"visible": True, "hidden": False}.get(chosen["visibility"])
    found = selectors.products_found(text=chosen["text"], is_visible=is_visible, environment=chosen["environment"])
    if chosen["visibility"] == "featured":
        found = found.filter(is_featured=True)
    page = page_of(
        found.defer("description", "search_text"),
        page_query(request),
        name="console products",
        filters=form.query,
        newest_first=False,
        by="title",
    )
    return console_page(request, "products/list.html", {"page_rows": page, "filters": form})


@staff_form(Permission.MANAGE_PROGRAM)
def product(request: HttpRequest, product: str) -> HttpResponse:
    """POST changes how it presents itself."""
    user = staff_user(request)
    found = access_product(user, product)
    if request.method != "POST":
        return _page(request, found, ListingForm(initial={name: getattr(found, name) for name in _LISTING}))
    form = ListingForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    told, actor = form.cleaned_data, actor_of(user)
    try:
        with transaction.atomic():
            actions.set_visibility(acting_user=actor, product=found, is_visible=told["is_visible"])
            actions.set_listing(
                acting_user=actor,
                product=found,
                is_featured=told["is_featured"],
                is_psd2_only=told["is_psd2_only"],
                geography=told["geography"],
            )
    except PropylonError as error:
        form.add_refusal(error)
        return _page(request, found, form, status=status_of(error))
    return done(request, _("Stored. The catalogue shows it like this now."), request.path)


def _told(product: Product) -> list[tuple[str, str]]:
    bound = [(_("Bound token"), _("Always"))] if product.requires_binding else []
    return [*bounds_in_words(product), *bound]


def _page(request: HttpRequest, found: Product, form: ListingForm, *, status: int = 200) -> HttpResponse:
    versions = list(found.versions.all())
    context = {
        "product": found,
        "versions": [(version, [(row, base_path(row)) for row in version.publications.all()]) for version in versions],
        "scopes": [(scope, RISK_WORDS[scope.risk][0]) for scope in found.scopes.all()],
        "subscriptions": Subscription.objects.filter(product=found).count(),
        "form": form,
        "bounds": _told(found),
        "events": list(events_about([("product", found.name)]).order_by("-pk")[:20]),
    }
    return console_page(request, "products/detail.html", context, status=status)
