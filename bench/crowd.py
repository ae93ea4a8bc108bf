"""Fills an installation with the demonstration until it is as large as a big bank's programme.

Run inside its environment: python crowd.py APPLICATIONS PRODUCTS. Rows are written in bulk.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from django.db import transaction
from django.utils import timezone

from propylon.accounts.models import Membership, Organization, User
from propylon.applications.models import Application, Client, ClientStatus, ServiceAccount, SourceRange, Subscription
from propylon.audit.actions import record_event
from propylon.audit.models import Event
from propylon.catalog.models import Environment, Operation, Plan, Product, ProductVersion, Publication, Scope, Upstream
from propylon.kernel.actor import Actor
from propylon.notifications.models import Mail
from propylon.sealing.entropy import new_public_id
from propylon.usage.models import CallRecord

CROWD = Actor("system", "bench", "Bench")
ORGANIZATIONS = 300
OF_THE_PARTNER = 20  # one application in so many is of the partner whose pages are looked at
EVENTS, CALLS, MAILS = 100_000, 100_000, 10_000
TYPES = ("server", "web", "spa", "native")
BATCH = 500
LUCK = random.Random(7)
NOW = timezone.now()


def some_time() -> Any:
    return NOW - timedelta(seconds=LUCK.randrange(90 * 86_400))


def fill_products(count: int) -> None:
    environments, upstream = list(Environment.objects.all()), Upstream.objects.get(name="sandbox")
    names = [f"product-{number:04d}" for number in range(count)]
    Product.objects.bulk_create(
        (
            Product(
                name=name,
                title=f"Product {name[-4:]}",
                description=f"What {name} is good for, in two sentences. It reads and writes things of the bank.",
                default_scope=name,
                created_at=some_time(),
            )
            for name in names
        ),
        batch_size=BATCH,
    )
    products = list(Product.objects.filter(name__in=names))
    Scope.objects.bulk_create(Scope(name=each.name, product=each, title=f"Use {each.title}") for each in products)
    ProductVersion.objects.bulk_create(
        (
            ProductVersion(
                product=each,
                version="v1",
                document=document(each),
                document_hash=uuid.uuid4().hex,
                mount_path=f"/{each.name}/v1",
                created_at=each.created_at,
            )
            for each in products
        ),
        batch_size=BATCH,
    )
    versions = list(ProductVersion.objects.filter(product__in=products).select_related("product").defer("document"))
    Operation.objects.bulk_create(
        (
            Operation(
                product_version=version,
                operation_id=f"{verb}Items",
                method=method,
                path_template="/items",
                summary=f"{verb.title()} items",
                scopes=[version.product.name],
            )
            for version in versions
            for verb, method in (("list", "GET"), ("create", "POST"))
        ),
        batch_size=BATCH,
    )
    Publication.objects.bulk_create(
        (
            Publication(
                product_version=version,
                environment=environment,
                upstream=upstream,
                upstream_prefix=f"/mocks/{version.product.name}/v1",
                created_at=NOW,
            )
            for version in versions
            for environment in environments
        ),
        batch_size=BATCH,
    )


def document(product: Product) -> dict[str, Any]:
    answers = {"200": {"description": "items"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": product.title, "version": "1.0.0", "description": product.description},
        "paths": {
            "/items": {
                "get": {"operationId": "listItems", "summary": "List items", "responses": answers},
                "post": {"operationId": "createItems", "summary": "Create items", "responses": answers},
            }
        },
    }


def fill_people() -> list[Organization]:
    Organization.objects.bulk_create(
        Organization(public_id=new_public_id("org"), name=f"Partner {number:03d}", created_at=some_time())
        for number in range(ORGANIZATIONS)
    )
    organizations = list(Organization.objects.filter(name__startswith="Partner "))
    User.objects.bulk_create(
        User(
            public_id=new_public_id("usr"),
            email=f"person{number}@partner{place}.example",
            name=f"Person {number} of {place}",
            password="!",
            created_at=some_time(),
        )
        for place in range(ORGANIZATIONS)
        for number in range(3)
    )
    people = User.objects.filter(email__contains="@partner").order_by("pk")
    Membership.objects.bulk_create(
        Membership(user=user, organization=organizations[number // 3], role="developer", created_at=NOW)
        for number, user in enumerate(people)
    )
    return organizations


def fill_applications(count: int, organizations: list[Organization]) -> None:
    partner = Organization.objects.get(name="Nordlicht Pay")
    Application.objects.bulk_create(
        (
            Application(
                public_id=new_public_id("app"),
                organization=organizations[number % len(organizations)] if number % OF_THE_PARTNER else partner,
                name=f"Application {number:05d}",
                type=TYPES[number % len(TYPES)],
                contact_email="someone@partner.example",
                created_at=some_time(),
            )
            for number in range(count)
        ),
        batch_size=BATCH,
    )
    applications = list(Application.objects.filter(name__startswith="Application "))
    sandbox, production = Environment.objects.get(name="sandbox"), Environment.objects.get(name="production")
    plan = Plan.objects.get(is_default=True)
    Client.objects.bulk_create(
        (
            client_of(application, environment, plan, number)
            for number, application in enumerate(applications)
            for environment in ([sandbox, production] if number % 4 == 0 else [sandbox])
        ),
        batch_size=BATCH,
    )
    clients = list(Client.objects.filter(application__in=Application.objects.filter(name__startswith="Application ")))
    products = list(Product.objects.order_by("pk")[:50])
    Subscription.objects.bulk_create(
        (
            Subscription(public_id=new_public_id("sub"), client=each, product=product, created_at=NOW)
            for each in clients
            for product in LUCK.sample(products, 2)
        ),
        batch_size=BATCH,
    )
    SourceRange.objects.bulk_create(
        (SourceRange(client=each, cidr="192.0.2.0/24") for each in clients), batch_size=BATCH
    )
    ServiceAccount.objects.bulk_create(
        (
            ServiceAccount(client=each, name=f"svcCrowd{number}V01")
            for number, each in enumerate(clients)
            if each.token_endpoint_auth_method == "tls_client_auth"
        ),
        batch_size=BATCH,
    )


def client_of(application: Application, environment: Environment, plan: Plan, number: int) -> Client:
    waits = environment.name == "production" and number % 8 == 0
    method = {"server": "tls_client_auth", "web": "client_secret_basic"}.get(application.type, "none")
    return Client(
        application=application,
        environment=environment,
        client_id=new_public_id("cli"),
        status=ClientStatus.PENDING if waits else ClientStatus.APPROVED,
        security_profile="standard",
        token_endpoint_auth_method=method,
        redirect_uris=["https://localhost/callback"],
        plan=plan,
        created_at=application.created_at,
        requested_at=application.created_at,
        decided_at=None if waits else NOW,
    )


def fill_records() -> None:
    applications = list(Application.objects.order_by("?").values_list("public_id", "organization__public_id")[:500])
    seen = Application.objects.get(name="Ledger Sync", organization__name="Nordlicht Pay")
    applications += [(seen.public_id, seen.organization.public_id)] * 20
    Event.objects.bulk_create(
        (
            Event(
                at=some_time(),
                action="application.changed",
                actor_kind="user",
                actor_id="usr_crowd",
                actor_label="somebody@partner.example",
                object_kind="application",
                object_id=application,
                organization_id=organization,
            )
            for application, organization in LUCK.choices(applications, k=EVENTS)
        ),
        batch_size=BATCH,
    )
    CallRecord.objects.using("usage").bulk_create(
        (
            CallRecord(
                tracking_id=str(uuid.UUID(int=LUCK.getrandbits(128), version=4)),
                at=some_time(),
                node="node-1",
                listener="public",
                environment="sandbox",
                product="accounts",
                version="v1",
                operation="listAccounts",
                method="GET",
                path="/sandbox/accounts/v1/accounts",
                status=200 if number % 10 else 403,
                refusal_code="" if number % 10 else "gateway.scope.missing",
                application_id=application,
                duration_ms=12,
            )
            for number, (application, _) in enumerate(LUCK.choices(applications, k=CALLS))
        ),
        batch_size=BATCH,
    )
    Mail.objects.bulk_create(
        (
            Mail(
                public_id=new_public_id("mail"),
                to="a@b.example",
                subject=f"Mail {number}",
                body="Text",
                queued_at=some_time(),
                delivered_at=NOW,
            )
            for number in range(MAILS)
        ),
        batch_size=BATCH,
    )


def main() -> None:
    applications, products = (int(each) for each in sys.argv[1:])
    with transaction.atomic():
        fill_products(products)
        fill_applications(applications, fill_people())
    with transaction.atomic():
        fill_records()
        record_event(acting_user=CROWD, action="product.published", object_kind="product", object_id="crowd")


if __name__ == "__main__":
    main()
