"""The catalogue's list, and the page of all error codes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.catalog.access import Visitor
from propylon.catalog.models import Product
from propylon.catalog.search_text import search_words
from propylon.catalog.selectors import environments
from propylon.oauth.error_table import OAUTH_ERRORS
from propylon.portal.catalogue.authentication import authentication
from propylon.portal.catalogue.reading import Reading, found_reading
from propylon.portal.catalogue.refusals import ERROR_EXAMPLE, gateway_errors
from propylon.portal.catalogue.search import found_products, product_page
from propylon.portal.catalogue.subject import Place, places_of

_LONGEST_SEARCH = 200


def visitor_of(request: HttpRequest) -> Visitor:
    return request.user


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """What the search finds, by title. Everything stands in the address, so that a search can be kept and sent."""
    asked = {name: request.GET.get(name, "")[:_LONGEST_SEARCH] for name in ("q", "environment", "access")}
    found = found_products(
        visitor_of(request), text=asked["q"], environment=asked["environment"], access=asked["access"]
    )
    page = product_page(found, request.GET.get("after", ""), asked)
    is_first = not request.GET.get("after")
    context = {
        "cards": [(product, _places(product)) for product in page.rows],
        "paging": page.paging,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "environments": environments(),
        "reading": found_reading(asked["q"]) if is_first else Reading(),
        "authentication": authentication() if is_first and _names_authentication(asked) else None,
        "pager_first": _without_after(request),
    }
    return render(request, "portal/catalogue/products.html", context)


@require_safe
def error_codes(request: HttpRequest) -> HttpResponse:
    context = {"gateway_errors": gateway_errors(), "oauth_errors": OAUTH_ERRORS, "error_example": ERROR_EXAMPLE}
    return render(request, "portal/catalogue/error_codes.html", context)


def _places(product: Product) -> list[Place]:
    """Where any of its versions answers, each environment once."""
    found = [place for version in product.versions.all() for place in places_of(version.publications.all())]
    return list({place.environment: place for place in found}.values())


def _names_authentication(asked: dict[str, str]) -> bool:
    words = "authentication api oauth token authorize consent revoke introspect metadata jwks par fapi login"
    return not asked["access"] and all(word in words for word in search_words(asked["q"]))


def _without_after(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("after", None)
    kept.pop("limit", None)
    return f"{request.path}?{kept.urlencode()}" if kept else request.path
