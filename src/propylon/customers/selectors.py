"""Reading the built-in customer directory."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from propylon.customers.directory_records import directory_of
from propylon.customers.models import Approval, Customer, CustomerDirectory


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
    with_rows = Customer.objects.order_by().values_list("environment", flat=True)
    elsewhere = CustomerDirectory.objects.exclude(kind="").values_list("environment", flat=True)
    return sorted(with_rows.union(elsewhere))


def customer_named(environment: str, identity_number: str) -> Customer | None:
    """The customer whom a client means by this number. Who came from another directory has none that anybody knows."""
    return Customer.objects.filter(environment=environment, identity_number=identity_number, directory="").first()


def customer_with(environment: str, subject: str) -> Customer | None:
    return Customer.objects.filter(environment=environment, subject=subject).first()


def customer_who_may_log_in(environment: str, subject: str) -> Customer | None:
    """Of the directory that the environment uses now: those of another one cannot log in any more."""
    directory = directory_of(environment)
    kind = directory.kind if directory else ""
    return Customer.objects.filter(environment=environment, subject=subject, directory=kind).first()


def waiting_approvals() -> QuerySet[Approval]:
    """Questions that can still be answered, the oldest first."""
    return Approval.objects.filter(answer="", expires_at__gt=timezone.now()).order_by("asked_at", "pk")
