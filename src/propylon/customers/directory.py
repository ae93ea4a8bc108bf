"""Who the bank's customers are: one interface, and the built-in directory behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from propylon.customers.models import AddressThrottle, Customer
from propylon.customers.throttle import ADDRESS_WINDOW, address_is_blocked, locked_until


class KnownCustomer(Protocol):
    """What the authorization server may learn of a customer."""

    @property
    def subject(self) -> str: ...

    @property
    def name(self) -> str: ...


class Directory(Protocol):
    """A source of customers: the built-in one, later the bank's own login."""

    def authenticate(
        self, environment: str, identity_number: str, password: str, *, address: str
    ) -> KnownCustomer | None: ...


@dataclass(frozen=True, slots=True)
class BuiltInDirectory:
    """Identity number and password of `Customer` rows."""

    def authenticate(self, environment: str, identity_number: str, password: str, *, address: str) -> Customer | None:
        return authenticate(environment, identity_number, password, address=address)


def authenticate(environment: str, identity_number: str, password: str, *, address: str = "") -> Customer | None:
    """The customer, or None for every reason alike: unknown, wrong, or too many attempts.

    The password is hashed in each case, so that the time taken tells nothing either.
    """
    now = timezone.now()
    found = Customer.objects.filter(environment=environment, identity_number=identity_number).first()
    matches = _password_matches(found, password)
    is_locked = found is not None and found.locked_until is not None and now < found.locked_until
    if found is not None and matches and not is_locked and not _is_blocked(address):
        Customer.objects.filter(pk=found.pk).update(failed_attempts=0, locked_until=None)
        return found
    _note_failure(None if is_locked else found, address)
    return None


def _password_matches(customer: Customer | None, password: str) -> bool:
    if customer is None:
        make_password(password)
        return False
    return check_password(password, customer.password)


def _is_blocked(address: str) -> bool:
    row = AddressThrottle.objects.filter(address=address).first()
    return row is not None and address_is_blocked(row.failed_attempts, row.window_ends_at, timezone.now())


@transaction.atomic
def _note_failure(customer: Customer | None, address: str) -> None:
    now = timezone.now()
    if customer is not None:
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        row.failed_attempts += 1
        row.locked_until = locked_until(row.failed_attempts, now)
        row.save(update_fields=["failed_attempts", "locked_until"])
    if not address:
        return
    AddressThrottle.objects.filter(address=address, window_ends_at__lte=now).delete()
    throttle, _ = AddressThrottle.objects.select_for_update().get_or_create(
        address=address, defaults={"window_ends_at": now + ADDRESS_WINDOW}
    )
    throttle.failed_attempts += 1
    throttle.save(update_fields=["failed_attempts"])
