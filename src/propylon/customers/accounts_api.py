"""The accounts of a customer in the management API: the bank enters them here, person by person or by a program."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.customers.accounts import MOST_ACCOUNTS, Account, StoredAccounts, set_accounts
from propylon.customers.models import Customer
from propylon.customers.pairwise_subjects import subject_behind
from propylon.kernel.errors import Kind, PropylonError

router = Router(tags=["Customers"])
_PATH = "/environments/{environment}/customers/{subject}/accounts"


class AccountBody(Schema):
    id: str = Field(max_length=40, description="What the bank's APIs call it. Opaque: it stands in tokens.")
    name: str = Field(max_length=120, description="What the customer reads.")
    number: str = Field("", max_length=40, description="As the customer knows it, such as an IBAN. In no token.")
    currency: str = Field("", max_length=3, description="SEK")


class AccountsBody(Schema):
    data: list[AccountBody] = Field(max_length=MOST_ACCOUNTS)


class MeantCustomer(Schema):
    subject: str = Field(description="The bank's own.")
    name: str


@router.get(
    "/environments/{environment}/customers/{subject}", response=MeantCustomer, summary="Who a subject stands for"
)
def show_customer(request: HttpRequest, environment: str, subject: str) -> MeantCustomer:
    """Of a token: the bank's own subject, or a pairwise one (`pw_…`), which only the bank can open."""
    require(current_user(request), Permission.MANAGE_PROGRAM)
    customer = _customer(request, environment, subject_behind(environment, subject) or subject)
    return MeantCustomer(subject=customer.subject, name=customer.name)


@router.get(_PATH, response=AccountsBody, summary="The accounts that a customer may let applications use")
def list_accounts(request: HttpRequest, environment: str, subject: str) -> AccountsBody:
    return _body(_customer(request, environment, subject))


@router.put(_PATH, response=AccountsBody, summary="Enter a customer's accounts")
def put_accounts(request: HttpRequest, environment: str, subject: str, payload: AccountsBody) -> AccountsBody:
    """All of them, in the order in which the customer sees them. Consents given before stay as they are."""
    customer = _customer(request, environment, subject)
    accounts = [Account(**each.model_dump()) for each in payload.data]
    set_accounts(acting_user=actor_of(current_user(request)), customer=customer, accounts=accounts)
    return _body(customer)


def _customer(request: HttpRequest, environment: str, subject: str) -> Customer:
    require(current_user(request), Permission.MANAGE_PROGRAM)
    found = Customer.objects.filter(environment=environment, subject=subject).first()
    if found is None:
        raise PropylonError(
            "customer.unknown", "The environment has no customer with this subject.", kind=Kind.NOT_FOUND
        )
    return found


def _body(customer: Customer) -> AccountsBody:
    rows = StoredAccounts().accounts_of(customer.environment, customer.subject)
    return AccountsBody(data=[AccountBody(**asdict(each)) for each in rows])
