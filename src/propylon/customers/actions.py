"""Changes to the built-in customer directory."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.customers.models import Customer
from propylon.customers.subjects import FOREIGN_PREFIXES
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError


@transaction.atomic
def add_customer(
    *,
    acting_user: Actor,
    environment: str,
    identity_number: str,
    name: str,
    password: str | None,
    subject: str,
    product: str = "",
    is_sandbox_identity: bool = False,
) -> Customer:
    """Add a customer to one environment; without a password nobody logs in until one is set.

    The password of a sandbox identity is documentation: whoever signs in to the portal reads it.

    `subject` is opaque: it goes into tokens, which clients can read.
    """
    _check(environment, identity_number, password, subject)
    customer = Customer.objects.create(
        environment=environment,
        identity_number=identity_number,
        name=name,
        password=make_password(password),
        published_password=(password or "") if is_sandbox_identity else "",
        subject=subject,
        product=product,
        is_sandbox_identity=is_sandbox_identity,
    )
    record_event(
        acting_user=acting_user,
        action="customer.added",
        object_kind="customer",
        object_id=subject,
        data={"environment": environment, "is_sandbox_identity": is_sandbox_identity},
    )
    return customer


@transaction.atomic
def set_sandbox_passwords(*, acting_user: Actor, passwords: Mapping[str, str]) -> None:
    """New passwords of sandbox identities, by identity number, the same in every environment."""
    for identity_number, password in passwords.items():
        identities = Customer.objects.filter(identity_number=identity_number, is_sandbox_identity=True)
        hashed = make_password(password)
        identities.update(password=hashed, published_password=password, failed_attempts=0, locked_until=None)
        for subject in identities.values_list("subject", flat=True).distinct():
            record_event(
                acting_user=acting_user, action="customer.password_set", object_kind="customer", object_id=subject
            )


def _check(environment: str, identity_number: str, password: str | None, subject: str) -> None:
    same = Customer.objects.filter(environment=environment)
    mistakes = {
        "identity_number": (
            "missing"
            if not identity_number
            else "already taken in this environment"
            if same.filter(identity_number=identity_number).exists()
            else ""
        ),
        "password": "empty" if password == "" else "",
        "subject": (
            "missing"
            if not subject
            else "must not contain the identity number"
            if identity_number and identity_number in subject
            else f"must not begin with {' or '.join(FOREIGN_PREFIXES)}"
            if subject.startswith(FOREIGN_PREFIXES)
            else "already taken in this environment"
            if same.filter(subject=subject).exists()
            else ""
        ),
    }
    errors = [FieldError(field, "body", reason) for field, reason in mistakes.items() if reason]
    if errors:
        raise PropylonError(
            "customer.invalid", "Correct the fields listed and try again.", kind=Kind.MALFORMED, errors=errors
        )
