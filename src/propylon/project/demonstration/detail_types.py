"""The demonstration's types of `authorization_details` (RFC 9396): reading accounts, and one payment.

The sandbox bank reads the first from the gateway's headers. It executes no payments: the second shows how a payment is
asked for, consented to, carried by the token and handed to an upstream.
"""

from __future__ import annotations

from typing import Any

from propylon.catalog.detail_type_wish import DetailTypeWish

_ACTIONS = {
    "read_accounts": "Names and numbers of accounts",
    "read_balances": "Balances",
    "read_transactions": "Transactions",
}
_AMOUNT: dict[str, Any] = {
    "type": "object",
    "title": "Amount",
    "required": ["currency", "amount"],
    "properties": {
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "amount": {"type": "string", "pattern": "^(?=.*[1-9])[0-9]{1,12}(\\.[0-9]{1,2})?$"},
    },
}
_ACCOUNT_ID = {"type": "string", "maxLength": 40}

ACCOUNT_INFORMATION = DetailTypeWish(
    name="account_information",
    title="See your accounts",
    versions=("v1",),
    scope="accounts",
    account_member="accounts",
    schema={
        "type": "object",
        "properties": {
            "actions": {
                "type": "array",
                "title": "What it sees",
                "minItems": 1,
                "uniqueItems": True,
                "items": {
                    "type": "string",
                    "oneOf": [{"const": name, "title": title} for name, title in _ACTIONS.items()],
                },
            },
            "accounts": {
                "type": "array",
                "title": "Accounts",
                "minItems": 1,
                "maxItems": 50,
                "uniqueItems": True,
                "items": _ACCOUNT_ID,
            },
        },
    },
)

PAYMENT_INITIATION = DetailTypeWish(
    name="payment_initiation",
    title="Make one payment",
    versions=("v1",),
    account_member="debtorAccount",
    schema={
        "type": "object",
        "required": ["instructedAmount", "creditorName", "creditorAccount"],
        "properties": {
            "instructedAmount": _AMOUNT,
            "creditorName": {"type": "string", "title": "To", "minLength": 1, "maxLength": 70},
            "creditorAccount": {
                "type": "object",
                "title": "To account",
                "required": ["iban"],
                "properties": {"iban": {"type": "string", "format": "iban"}},
            },
            "requestedExecutionDate": {"type": "string", "format": "date", "title": "On"},
            "remittanceInformation": {"type": "string", "title": "Message", "maxLength": 140},
            "debtorAccount": {**_ACCOUNT_ID, "title": "From account"},
        },
    },
)
