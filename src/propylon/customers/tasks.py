"""What the worker repeats for the directory."""

from __future__ import annotations

from django.utils import timezone

from propylon.customers.models import AddressThrottle
from propylon.kernel.periodic import Periodic


def forget_addresses() -> None:
    """Addresses are personal data: they go as soon as their window is over."""
    AddressThrottle.objects.filter(window_ends_at__lte=timezone.now()).delete()


PERIODIC = (Periodic("customers.forget_addresses", 300.0, forget_addresses),)
