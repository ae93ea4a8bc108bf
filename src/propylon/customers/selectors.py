"""Reading the built-in customer directory."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from propylon.customers.models import Customer


def sandbox_identities(environment: str, product: str = "") -> QuerySet[Customer]:
    """The published identities of an environment: those of one product and those of all, or without a product each."""
    found = Customer.objects.filter(environment=environment, is_sandbox_identity=True)
    if product:
        found = found.filter(Q(product=product) | Q(product=""))
    return found.order_by("pk")


def sandbox_identity(environment: str, identity_number: str) -> Customer | None:
    return sandbox_identities(environment).filter(identity_number=identity_number).first()


def environments_with_customers() -> list[str]:
    """Names of the environments in which anybody could log in."""
    return list(Customer.objects.order_by("environment").values_list("environment", flat=True).distinct())
