"""Where in the console a thing of the event log has its page."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import NoReverseMatch, reverse


def _at(name: str) -> Callable[[str], str]:
    return lambda identifier: reverse(name, args=[identifier])


_PAGES: dict[str, Callable[[str], str]] = {
    "application": _at("console_applications:detail"),
    "client": _at("console_applications:client"),
    "certificate": _at("console_certificates:detail"),
    "certificate_order": _at("console_certificates:order"),
    "contract": _at("console_people:contract"),
    "organization": _at("console_people:organization"),
    "user": _at("console_people:user"),
    "product": _at("console_products:detail"),
    "environment": lambda _: reverse("console_products:environments"),
    "customer_directory": _at("console_customers:directory"),
    "upstream": lambda _: reverse("console_products:environments"),
    "article": _at("console_news:article"),
    "plan": lambda _: reverse("console_products:environments"),
    "mark": lambda value: f"{reverse('console_gateway:marks')}?value={value.partition(':')[2]}",
    "certificate_authority": lambda _: reverse("console_certificates:authorities"),
}


def address_of(kind: str, identifier: str) -> str:
    """Empty for what has no page."""
    page = _PAGES.get(kind)
    try:
        return page(identifier) if page and identifier else ""
    except NoReverseMatch:
        return ""
