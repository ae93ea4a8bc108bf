"""Counting failed logins in the database, so that a restart forgives nothing: by address, and by the name tried.

Names that no customer has are counted just as others, so that neither answer nor time tells them apart.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.customers.models import AddressThrottle, Customer, NameThrottle
from propylon.customers.throttle import ADDRESS_WINDOW, address_is_blocked, locked_until

_NAME_KEPT = timedelta(hours=2)  # longer than the longest wait
MOST_NAMES = 100_000  # whoever tries more has addresses without end; the oldest give way


def name_digest(name: str) -> str:
    said = b"customer-name\0" + name.encode(errors="replace")
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


def name_locked_until(environment: str, name: str) -> datetime | None:
    return (
        NameThrottle.objects.filter(environment=environment, name_digest=name_digest(name))
        .values_list("locked_until", flat=True)
        .first()
    )


def address_blocked_until(address: str) -> datetime | None:
    """When it may try again, None if it may now."""
    row = AddressThrottle.objects.filter(address=address).first() if address else None
    is_blocked = row is not None and address_is_blocked(row.failed_attempts, row.window_ends_at, timezone.now())
    return row.window_ends_at if row is not None and is_blocked else None


def note_customer_failure(customer: Customer) -> None:
    """Within a transaction of the caller's."""
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    row.failed_attempts += 1
    row.locked_until = locked_until(row.failed_attempts, timezone.now())
    row.save(update_fields=["failed_attempts", "locked_until"])


@transaction.atomic
def note_name_failure(environment: str, name: str) -> None:
    now = timezone.now()
    row, _ = NameThrottle.objects.select_for_update().get_or_create(
        environment=environment, name_digest=name_digest(name), defaults={"forgotten_at": now + _NAME_KEPT}
    )
    row.failed_attempts = 1 if row.forgotten_at <= now else row.failed_attempts + 1
    row.locked_until = locked_until(row.failed_attempts, now)
    row.forgotten_at = now + _NAME_KEPT
    row.save(update_fields=["failed_attempts", "locked_until", "forgotten_at"])


def forget_name(environment: str, name: str) -> None:
    """After a login that went well."""
    NameThrottle.objects.filter(environment=environment, name_digest=name_digest(name)).delete()


@transaction.atomic
def note_address_failure(address: str) -> None:
    if not address:
        return
    now = timezone.now()
    AddressThrottle.objects.filter(address=address, window_ends_at__lte=now).delete()
    throttle, _ = AddressThrottle.objects.select_for_update().get_or_create(
        address=address, defaults={"window_ends_at": now + ADDRESS_WINDOW}
    )
    throttle.failed_attempts += 1
    throttle.save(update_fields=["failed_attempts"])


def forget_attempts() -> None:
    """Addresses are personal data: they go as soon as their window is over. Names go when no wait can be left."""
    now = timezone.now()
    AddressThrottle.objects.filter(window_ends_at__lte=now).delete()
    NameThrottle.objects.filter(forgotten_at__lte=now).delete()
    oldest_kept = NameThrottle.objects.order_by("-forgotten_at").values_list("forgotten_at", flat=True)
    limit = oldest_kept[MOST_NAMES : MOST_NAMES + 1].first()
    if limit is not None:
        NameThrottle.objects.filter(forgotten_at__lte=limit).delete()
