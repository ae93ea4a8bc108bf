"""What the demonstration stores, in one transaction: all of it, or nothing to begin again from."""

from __future__ import annotations

from importlib.resources import files

from django.contrib.auth.hashers import make_password
from django.db import transaction

from propylon.accounts.actions import add_member, create_organization, create_user
from propylon.accounts.models import Organization
from propylon.applications.actions import add_client, approve_client, register_application
from propylon.applications.plan_client import ClientWish
from propylon.audit.actions import record_event
from propylon.audit.models import Event
from propylon.catalog.actions import (
    add_detail_type,
    create_environment,
    create_plan,
    create_upstream,
    import_product,
    publish,
    set_listing,
)
from propylon.catalog.models import Environment
from propylon.customers.accounts import Account, set_accounts
from propylon.customers.actions import add_customer
from propylon.kernel.actor import Actor
from propylon.kernel.home import Home
from propylon.news.actions import write_article
from propylon.project.demonstration import articles, cast
from propylon.project.demonstration.detail_types import ACCOUNT_INFORMATION, PAYMENT_INITIATION
from propylon.sandbox.bank_data import bank_accounts
from propylon.sandbox.people import PEOPLE

ACTOR = Actor("system", "demonstration", "Demonstration")
_BEGUN = "demonstration.begun"


def is_begun() -> bool:
    return Event.objects.filter(action=_BEGUN).exists()


def is_in_use() -> bool:
    return Organization.objects.exists()


@transaction.atomic
def make_world(home: Home) -> None:
    """Environments, product, organizations, people, applications, the bank's customers."""
    record_event(acting_user=ACTOR, action=_BEGUN, object_kind="installation", object_id="demonstration")
    environments = _make_catalog(home)
    organizations = _make_organizations()
    _make_applications(environments, organizations)
    _make_customers(environments)
    for wish in articles.ARTICLES:
        write_article(acting_user=ACTOR, wish=wish)


def _make_catalog(home: Home) -> dict[str, Environment]:
    environments = {
        cast.SANDBOX: create_environment(
            acting_user=ACTOR,
            name=cast.SANDBOX,
            title="Sandbox",
            path_prefix="/sandbox",
            approves_by_itself=True,
            position=1,
        ),
        cast.PRODUCTION: create_environment(
            acting_user=ACTOR, name=cast.PRODUCTION, title="Production", path_prefix="/api", position=2
        ),
    }
    create_plan(
        acting_user=ACTOR, name="standard", title="Standard", requests_per_second=500, burst=1_000, is_default=True
    )
    create_plan(acting_user=ACTOR, name="generous", title="Generous", requests_per_second=2_000, burst=4_000)
    upstream = create_upstream(acting_user=ACTOR, name="sandbox", address=f"unix:{home.sandbox_socket}")
    document = files("propylon.sandbox").joinpath("documents/accounts-v1.yaml").read_text()
    version = import_product(
        acting_user=ACTOR, text=document, name=cast.PRODUCT, title="Accounts", version="v1", scope="accounts"
    )
    set_listing(acting_user=ACTOR, product=version.product, is_featured=True, geography="Sweden")
    for wish in (ACCOUNT_INFORMATION, PAYMENT_INITIATION):
        add_detail_type(acting_user=ACTOR, product=version.product, wish=wish)
    for environment in environments.values():
        publish(
            acting_user=ACTOR,
            product_version=version,
            environment=environment,
            upstream=upstream,
            upstream_prefix="/accounts/v1",
        )
    return environments


def _make_organizations() -> dict[str, Organization]:
    organizations = {
        name: create_organization(acting_user=ACTOR, name=name, is_operator=name == cast.BANK)
        for name in cast.ORGANIZATIONS
    }
    for person in cast.PEOPLE:
        # Without a password until `hand_out_credentials` gives one.
        nobody_knows = make_password(None)
        user = create_user(acting_user=ACTOR, email=person.email, name=person.name, password_hash=nobody_knows)
        add_member(acting_user=ACTOR, organization=organizations[person.organization], user=user, role=person.role)
    return organizations


def _make_applications(environments: dict[str, Environment], organizations: dict[str, Organization]) -> None:
    contact = {person.organization: person.email for person in reversed(cast.PEOPLE)}
    for part in cast.PARTS:
        application, _, _ = register_application(
            acting_user=ACTOR,
            organization=organizations[part.organization],
            name=part.name,
            type=part.type,
            contact_email=contact[part.organization],
            environment=environments[cast.SANDBOX],
            created_by=None,
            redirect_uris=part.redirect_uris,
            products=[cast.PRODUCT],
            security_profile=part.security_profile,
        )
        if part.also_in_production:
            wish = ClientWish(part.type, part.security_profile, products=[cast.PRODUCT])
            client, _ = add_client(
                acting_user=ACTOR, application=application, environment=environments[cast.PRODUCTION], wish=wish
            )
            approve_client(acting_user=ACTOR, client=client, reason="part of the demonstration")


def _make_customers(environments: dict[str, Environment]) -> None:
    accounts: dict[str, list[Account]] = {}
    for each in bank_accounts():
        if each.status == "open":
            told = Account(f"acc-{each.number:06d}", each.name, each.iban, each.currency)
            accounts.setdefault(each.owner.subject, []).append(told)
    for environment in environments:
        for person in PEOPLE:
            customer = add_customer(
                acting_user=ACTOR,
                environment=environment,
                identity_number=person.identity_number,
                name=person.name,
                password=None,  # until `hand_out_credentials` gives one
                subject=person.subject,
                product=cast.PRODUCT,
                is_sandbox_identity=True,
            )
            set_accounts(acting_user=ACTOR, customer=customer, accounts=accounts.get(person.subject, []))
