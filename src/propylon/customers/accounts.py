"""The accounts of the bank's customers, which a consent may be limited to: one interface, and the built-in source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from propylon.audit.actions import record_event
from propylon.customers.models import Customer, CustomerAccount
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

MOST_ACCOUNTS = 200  # of one customer
_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_CURRENCY = re.compile(r"(?:[A-Z]{3})?")


@dataclass(frozen=True, slots=True)
class Account:
    """`id` is what the bank's APIs call it; `number` what the customer knows it by, and it stands in no token."""

    id: str
    name: str
    number: str = ""
    currency: str = ""


class Accounts(Protocol):
    """Where the accounts of customers come from."""

    def accounts_of(self, environment: str, subject: str) -> tuple[Account, ...]: ...


@dataclass(frozen=True, slots=True)
class StoredAccounts:
    """`CustomerAccount` rows: as an operator entered them, or a program by the management API."""

    def accounts_of(self, environment: str, subject: str) -> tuple[Account, ...]:
        rows = CustomerAccount.objects.filter(customer__environment=environment, customer__subject=subject)
        return tuple(
            Account(row.account_id, row.name, row.number, row.currency) for row in rows.order_by("position", "pk")
        )


accounts: Accounts = StoredAccounts()


@transaction.atomic
def set_accounts(*, acting_user: Actor, customer: Customer, accounts: Sequence[Account]) -> None:
    """All accounts of a customer, in this order; those of before go. Consents that name one stay as they are.

    Raises `customer.accounts_invalid`.
    """
    if mistakes := _mistakes(accounts):
        raise PropylonError(
            "customer.accounts_invalid",
            "Correct the accounts named in errors and try again. Nothing was changed.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    if StoredAccounts().accounts_of(customer.environment, customer.subject) == tuple(accounts):
        return
    CustomerAccount.objects.filter(customer=customer).delete()
    CustomerAccount.objects.bulk_create(
        CustomerAccount(
            customer=customer,
            account_id=each.id,
            name=each.name,
            number=each.number,
            currency=each.currency,
            position=position,
        )
        for position, each in enumerate(accounts)
    )
    record_event(
        acting_user=acting_user,
        action="customer.accounts_set",
        object_kind="customer",
        object_id=customer.subject,
        data={"environment": customer.environment, "accounts": len(accounts)},
    )


def _mistakes(accounts: Sequence[Account]) -> list[FieldError]:
    if len(accounts) > MOST_ACCOUNTS:
        return [FieldError("accounts", "body", f"at most {MOST_ACCOUNTS}")]
    found, seen = [], set()
    for position, each in enumerate(accounts):
        wrong = {
            "id": "already above" if each.id in seen else "" if _ID.fullmatch(each.id) else
            "1 to 40 of letters, digits, dot, underscore and hyphen",
            "name": "" if 0 < len(each.name) <= 120 else "1 to 120 characters",
            "number": "" if len(each.number) <= 40 else "at most 40 characters",
            "currency": "" if _CURRENCY.fullmatch(each.currency) else "three capital letters, or empty",
        }  # fmt: skip
        found += [
            FieldError(f"accounts[{position}].{name}", "body", reason) for name, reason in wrong.items() if reason
        ]
        seen.add(each.id)
    return found
