"""Types of `authorization_details` and accounts, as the tests of rich authorization requests have them."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from authserver.bank import Bank
from propylon.catalog.models import DetailType, ProductVersion, Publication, Scope, Upstream
from propylon.customers.accounts import Account, set_accounts
from propylon.customers.models import Customer
from propylon.kernel.actor import SYSTEM
from propylon.project.demonstration.detail_types import ACCOUNT_INFORMATION, PAYMENT_INITIATION

EVERYDAY = Account("acc-000001", "Everyday account", "SE4550000000058398257466", "SEK")
SAVINGS = Account("acc-000002", "Savings account", "SE3550000000054910000003", "SEK")
PAYMENT: dict[str, Any] = {
    "type": "payment_initiation",
    "instructedAmount": {"currency": "SEK", "amount": "1250.00"},
    "creditorName": "Hörnbutiken",
    "creditorAccount": {"iban": "SE4550000000058398257466"},
    "remittanceInformation": "Invoice 17",
}
READING: dict[str, Any] = {"type": "account_information", "actions": ["read_accounts", "read_transactions"]}


def text(*details: dict[str, Any]) -> str:
    return json.dumps(details)


def add_types(bank: Bank) -> None:
    """Both of the demonstration's types, on products whose first version answers in the sandbox; Maja has accounts."""
    upstream = Upstream.objects.create(name="core", address="http://localhost:9")
    for product, wish, scope in (
        (bank.accounts, ACCOUNT_INFORMATION, "accounts"),
        (bank.payments, PAYMENT_INITIATION, "payments"),
    ):
        now = timezone.now()
        version = ProductVersion.objects.create(
            product=product, version="v1", document={}, mount_path=f"/{product.name}/v1", created_at=now
        )
        Publication.objects.create(
            product_version=version, environment=bank.environment, upstream=upstream, created_at=now
        )
        row = DetailType.objects.create(
            name=wish.name,
            product=product,
            title=wish.title,
            schema=wish.schema,
            account_member=wish.account_member,
            scope=Scope.objects.get(name=scope),
            created_at=now,
        )
        row.versions.add(version)
    set_accounts(acting_user=SYSTEM, customer=Customer.objects.get(), accounts=[EVERYDAY, SAVINGS])
