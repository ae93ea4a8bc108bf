"""Customers whom another directory vouched for: a row of ours remembers their subject, what they are called,
and where notices go."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.customers.directory_records import subject_key_of
from propylon.customers.models import Customer, CustomerDirectory
from propylon.customers.subjects import foreign_subject
from propylon.kernel.actor import Actor

_LONGEST_NAME, _LONGEST_ADDRESS = 120, 254


@dataclass(frozen=True, slots=True)
class ForeignPerson:
    """As the other directory names them: `identifier` is unique within `domain` and never changes."""

    domain: str
    identifier: bytes
    name: str
    email: str = ""  # where notices go; "" if the directory tells none

    @property
    def address(self) -> str:
        """The mail address, if it is one that mail can be sent to."""
        try:
            validate_email(self.email)
        except ValidationError:
            return ""
        return self.email if len(self.email) <= _LONGEST_ADDRESS else ""


@transaction.atomic
def known_elsewhere(row: CustomerDirectory, person: ForeignPerson) -> Customer:
    """The customer of ours, made at the first login. Nothing but name and mail address is kept, and never a password:
    both as the directory tells them at each login."""
    subject = foreign_subject(row.kind, person.domain, person.identifier, key=subject_key_of(row))
    customer, is_new = Customer.objects.get_or_create(
        environment=row.environment,
        subject=subject,
        defaults={
            "identity_number": subject[:40],  # nothing that a person could type: 35 digits of it are enough to be one
            "name": person.name[:_LONGEST_NAME],
            "email": person.address,
            "password": "!",
            "directory": row.kind,
        },
    )
    if is_new:
        record_event(
            acting_user=Actor("customer", subject, "customer"),
            action="customer.first_seen",
            object_kind="customer",
            object_id=subject,
            data={"environment": row.environment, "directory": row.kind},
        )
    elif (customer.name, customer.email) != (person.name[:_LONGEST_NAME], person.address):
        customer.name, customer.email = person.name[:_LONGEST_NAME], person.address
        customer.save(update_fields=["name", "email"])
    return customer
