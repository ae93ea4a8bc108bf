"""Links by which a new customer of the built-in directory chooses a password: nobody else ever knows it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.customers.models import Customer, PasswordLink
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_secret

PATH = "/oauth/customers/password"
LIVES = timedelta(days=7)
_LONGEST = 200


def new_link(customer: Customer) -> str:
    """The address for the customer's mail; an older one ends. In the action's transaction."""
    token = new_secret()
    PasswordLink.objects.update_or_create(
        customer=customer, defaults={"digest": digest(token), "expires_at": timezone.now() + LIVES}
    )
    return f"{settings.PROPYLON_ISSUER_URL}{PATH}?token={token.reveal()}"


def customer_of(token: str) -> Customer:
    """Raises `customer.password_link.ended` for every reason alike."""
    link = _living(token)
    if link is None:
        raise _ended()
    return link.customer


@transaction.atomic
def choose_password(*, token: str, password: str) -> Customer:
    """Uses the link up. Raises `customer.password_link.ended`, `customer.password.unfit`."""
    link = _living(token)
    if link is None:
        raise _ended()
    customer = link.customer
    _check(password, customer)
    if not PasswordLink.objects.filter(pk=link.pk, digest=link.digest).delete()[0]:
        raise _ended()
    Customer.objects.filter(pk=customer.pk).update(
        password=make_password(password), failed_attempts=0, locked_until=None
    )
    record_event(
        acting_user=Actor("customer", customer.subject, "customer"),
        action="customer.password_set",
        object_kind="customer",
        object_id=customer.subject,
    )
    return customer


def forget_links() -> None:
    PasswordLink.objects.filter(expires_at__lte=timezone.now()).delete()


def _living(token: str) -> PasswordLink | None:
    rows = PasswordLink.objects.select_related("customer").filter(digest=digest(Secret(token)))
    return rows.filter(expires_at__gt=timezone.now()).first()


def _check(password: str, customer: Customer) -> None:
    reasons: list[str] = []
    if len(password) > _LONGEST:
        reasons.append(f"longer than {_LONGEST} characters")
    if customer.identity_number in password:
        reasons.append("must not contain the identity number")
    try:
        validate_password(password)
    except ValidationError as error:
        reasons += error.messages
    if reasons:
        raise PropylonError(
            "customer.password.unfit",
            "Choose another password.",
            kind=Kind.MALFORMED,
            errors=[FieldError("password", "body", reason) for reason in reasons],
        )


def _ended() -> PropylonError:
    return PropylonError(
        "customer.password_link.ended",
        "This link has been used, or its time is over. Ask whoever invited you for another one.",
        kind=Kind.NOT_FOUND,
    )
