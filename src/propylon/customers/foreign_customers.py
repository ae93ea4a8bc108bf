"""Customers whom another directory vouched for: a row of ours remembers their subject and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from propylon.audit.actions import record_event
from propylon.customers.directory_records import subject_key_of
from propylon.customers.models import Customer, CustomerDirectory
from propylon.customers.subjects import foreign_subject
from propylon.kernel.actor import Actor

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ForeignPerson:
    """As the other directory names them: `identifier` is unique within `domain` and never changes."""

    domain: str
    identifier: bytes
    name: str


@transaction.atomic
def known_elsewhere(row: CustomerDirectory, person: ForeignPerson) -> Customer:
    """The customer of ours, made at the first login. Nothing but the name is kept, and never a password."""
    subject = foreign_subject(row.kind, person.domain, person.identifier, key=subject_key_of(row))
    customer, is_new = Customer.objects.get_or_create(
        environment=row.environment,
        subject=subject,
        defaults={
            "identity_number": subject[:40],  # nothing that a person could type: 35 digits of it are enough to be one
            "name": person.name[:_LONGEST_NAME],
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
    elif customer.name != person.name[:_LONGEST_NAME]:
        customer.name = person.name[:_LONGEST_NAME]
        customer.save(update_fields=["name"])
    return customer
