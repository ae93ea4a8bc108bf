"""The built-in directory: who is let in, and how it slows guessing down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from propylon.audit.models import Event
from propylon.customers.actions import add_customer
from propylon.customers.directory import authenticate
from propylon.customers.models import AddressThrottle, Customer
from propylon.customers.tasks import PERIODIC
from propylon.customers.throttle import ADDRESS_WINDOW, locked_until
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _add(**changes: str) -> Customer:
    values = {
        "environment": "sandbox",
        "identity_number": "1990",
        "name": "Maja",
        "password": "right horse",
        "subject": "cus_1",
    }
    return add_customer(acting_user=SYSTEM, **(values | changes))


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, None), (4, None), (5, 30), (6, 60), (7, 120), (12, 3600), (500, 3600)]
)
def test_the_wait_doubles_up_to_an_hour(failures: int, seconds: int | None) -> None:
    expected = None if seconds is None else _NOW + timedelta(seconds=seconds)
    assert locked_until(failures, _NOW) == expected


@pytest.mark.django_db
def test_a_customer_is_known_in_its_environment_only() -> None:
    customer = _add()
    assert authenticate("sandbox", "1990", "right horse") == customer
    assert authenticate("production", "1990", "right horse") is None
    assert authenticate("sandbox", "1990", "right horse ") is None
    assert Event.objects.get().object_id == "cus_1"
    assert "right horse" not in customer.password


@pytest.mark.django_db
def test_success_forgets_the_failures() -> None:
    _add()
    for _ in range(4):
        authenticate("sandbox", "1990", "wrong")
    assert Customer.objects.get().failed_attempts == 4
    assert authenticate("sandbox", "1990", "right horse")
    assert Customer.objects.get().failed_attempts == 0


@pytest.mark.django_db
def test_a_locked_identity_refuses_the_right_password_and_counts_no_more() -> None:
    _add()
    Customer.objects.update(locked_until=timezone.now() + timedelta(minutes=1), failed_attempts=6)
    assert authenticate("sandbox", "1990", "right horse") is None
    assert Customer.objects.get().failed_attempts == 6
    Customer.objects.update(locked_until=timezone.now())
    assert authenticate("sandbox", "1990", "right horse")


@pytest.mark.django_db
def test_an_address_that_guesses_over_many_identities_is_refused_for_a_while() -> None:
    _add()
    window = timezone.now() + ADDRESS_WINDOW
    AddressThrottle.objects.create(address="192.0.2.1", failed_attempts=29, window_ends_at=window)
    assert authenticate("sandbox", "1990", "right horse", address="192.0.2.1")
    assert authenticate("sandbox", "unknown", "x", address="192.0.2.1") is None
    assert authenticate("sandbox", "1990", "right horse", address="192.0.2.1") is None
    assert authenticate("sandbox", "1990", "right horse", address="192.0.2.2")
    AddressThrottle.objects.update(window_ends_at=timezone.now())
    assert authenticate("sandbox", "1990", "right horse", address="192.0.2.1")
    for periodic in PERIODIC:
        periodic.run()
    assert not AddressThrottle.objects.exists()


@pytest.mark.django_db
def test_every_mistake_of_a_new_customer_is_listed_and_nothing_stored() -> None:
    _add()
    with pytest.raises(PropylonError) as refused:
        _add(password="")
    assert {error.field for error in refused.value.errors} == {"identity_number", "password", "subject"}
    with pytest.raises(PropylonError):
        _add(identity_number="1991", subject="cus_1991")
    assert Customer.objects.count() == 1
