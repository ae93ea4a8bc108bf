"""Who the bank's customers are: one interface, and behind it the directory that the environment uses.

Three kinds: the built-in one and LDAP ask for a name and a password (`authenticate`); an OpenID provider asks by itself
(`provider_login`). Sandbox identities are customers of the built-in one whose passwords are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from propylon.customers.attempts import (
    address_blocked_until,
    forget_name,
    name_locked_until,
    note_address_failure,
    note_customer_failure,
    note_name_failure,
)
from propylon.customers.directory_records import directory_of
from propylon.customers.directory_settings import LDAP
from propylon.customers.foreign_customers import known_elsewhere
from propylon.customers.models import Customer, CustomerDirectory

_LONGEST_NAME, _LONGEST_PASSWORD = 120, 200


class KnownCustomer(Protocol):
    """What the authorization server may learn of a customer."""

    @property
    def subject(self) -> str: ...

    @property
    def name(self) -> str: ...


class Directory(Protocol):
    """A source of customers who log in with a name and a password.

    None for every reason alike: unknown, wrong, locked, or too many attempts. Raises `DirectoryUnavailable`.
    """

    def authenticate(
        self, environment: str, identity_number: str, password: str, *, address: str
    ) -> KnownCustomer | None: ...


@dataclass(frozen=True, slots=True)
class BuiltInDirectory:
    """Identity number and password of `Customer` rows."""

    def authenticate(self, environment: str, identity_number: str, password: str, *, address: str) -> Customer | None:
        return _built_in(environment, identity_number, password, address)


@dataclass(frozen=True, slots=True)
class LdapDirectory:
    """A name and a password that a bank's LDAP server judges."""

    row: CustomerDirectory

    def authenticate(self, environment: str, identity_number: str, password: str, *, address: str) -> Customer | None:
        return _in_ldap(self.row, identity_number, password, address)


@dataclass(frozen=True, slots=True)
class NobodyHere:
    """An OpenID provider's environment: no password is ever right, and none is sent anywhere."""

    def authenticate(self, environment: str, identity_number: str, password: str, *, address: str) -> Customer | None:
        make_password(password[:_LONGEST_PASSWORD])
        note_address_failure(address)
        return None


def password_directory(environment: str) -> Directory:
    """The directory that judges passwords of the environment's customers."""
    row = directory_of(environment)
    if row is None:
        return BuiltInDirectory()
    return LdapDirectory(row) if row.kind == LDAP else NobodyHere()


def authenticate(environment: str, identity_number: str, password: str, *, address: str = "") -> Customer | None:
    """The customer, or None for every reason alike: unknown, wrong, or too many attempts.

    Raises `DirectoryUnavailable` when the environment's directory cannot be asked.
    """
    found = password_directory(environment).authenticate(environment, identity_number, password, address=address)
    return found if isinstance(found, Customer) else None


def may_try_again_at(environment: str, identity_number: str, *, address: str = "") -> datetime | None:
    """When this name or this address may be tried again; None: at once. The same for names that nobody has."""
    customer = _row_of(environment, identity_number) if directory_of(environment) is None else None
    waits = (
        customer.locked_until if customer else name_locked_until(environment, identity_number),
        address_blocked_until(address),
    )
    return max((each for each in waits if each is not None and each > timezone.now()), default=None)


def _row_of(environment: str, identity_number: str) -> Customer | None:
    return Customer.objects.filter(environment=environment, identity_number=identity_number, directory="").first()


def _built_in(environment: str, identity_number: str, password: str, address: str) -> Customer | None:
    """The password is hashed and a failure counted in each case, so that the time taken tells nothing either."""
    now = timezone.now()
    found = _row_of(environment, identity_number)
    matches = _password_matches(found, password)
    locked_until = found.locked_until if found else name_locked_until(environment, identity_number)
    is_locked = locked_until is not None and now < locked_until
    if found is not None and matches and not is_locked and address_blocked_until(address) is None:
        Customer.objects.filter(pk=found.pk).update(failed_attempts=0, locked_until=None)
        return found
    with transaction.atomic():
        if not is_locked and found is not None:
            note_customer_failure(found)
        elif not is_locked:
            note_name_failure(environment, identity_number)
        note_address_failure(address)
    return None


def _password_matches(customer: Customer | None, password: str) -> bool:
    if customer is None:
        make_password(password)
        return False
    return check_password(password, customer.password)


def _in_ldap(row: CustomerDirectory, name: str, password: str, address: str) -> Customer | None:
    """Who is locked here is not asked about there: guessing here must not lock anybody's account at the bank."""
    environment, now = row.environment, timezone.now()
    locked_until = name_locked_until(environment, name)
    is_locked = (locked_until is not None and now < locked_until) or address_blocked_until(address) is not None
    if not is_locked and 0 < len(name) <= _LONGEST_NAME and 0 < len(password) <= _LONGEST_PASSWORD:
        from propylon.customers.ldap_directory import find_and_bind  # the library is read only where it is used

        person = find_and_bind(row, name, password)
        if person is not None:
            forget_name(environment, name)
            return known_elsewhere(row, person)
    with transaction.atomic():
        if not is_locked:
            note_name_failure(environment, name)
        note_address_failure(address)
    return None
