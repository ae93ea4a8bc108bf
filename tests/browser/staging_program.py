"""A program as a bank has it after a month: products with versions, partners with applications, a month of calls."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from call_lines import call_line
from propylon.accounts.actions import create_organization
from propylon.accounts.models import Organization
from propylon.applications.actions import add_client, approve_client, register_application
from propylon.applications.models import Client, ClientStatus
from propylon.applications.plan_client import ClientWish
from propylon.catalog.actions import (
    LifecycleWish,
    create_plan,
    create_upstream,
    import_product,
    publish,
    set_lifecycle,
    set_listing,
)
from propylon.catalog.models import Environment, ProductVersion, Upstream
from propylon.catalog.quotas import Quota
from propylon.kernel.actor import Actor
from propylon.marks.actions import place_mark
from propylon.usage.actions import ingest_lines

FOLDER = Path(__file__).parent / "program"
# In the order in which they were published; v2 of Payments lacks an operation of v1, and asks for more.
DOCUMENTS = (("payments-v1", "v1"), ("payments-v2", "v2"), ("cards-v1", "v1"), ("branches-v1", "v1"))
CHANGED = ("payments", "v2")
PARTNERS = (
    ("Fjällräven Finance", "Budget Coach", "server", ["payments", "accounts"]),
    ("Ostwind Lending", "Credit Check", "server", ["accounts", "cards"]),
    ("Kaj & Partner", "Book-keeping", "server", ["accounts", "payments", "branches-and-cash-machines"]),
)
DAYS, CALLS_A_DAY = 30, 260
# Status, details of Envoy, share of the calls.
ENDINGS = (
    (200, "via_upstream", 930),
    (404, "via_upstream", 14),
    (401, "jwt_authn_access_denied{Jwt_is_expired}", 22),
    (403, "rbac_access_denied_matched_policy[scope]", 12),
    (429, "local_rate_limited", 12),
    (503, "via_upstream", 6),
    (504, "response_timeout", 4),
)
CALLED = {
    "accounts": (
        ("GET", "listAccounts", "/accounts", 5),
        ("GET", "listTransactions", "/accounts/{id}/transactions", 4),
    ),
    "payments": (("POST", "startPayment", "/payments", 2), ("GET", "getPayment", "/payments/{id}", 3)),
    "cards": (("GET", "listCards", "/cards", 2), ("GET", "listPurchases", "/cards/{id}/purchases", 2)),
    "branches-and-cash-machines": (("GET", "listBranches", "/branches", 1),),
}


def stage_program(operator: Actor) -> None:
    """Beside what the demonstration has."""
    environments = {each.name: each for each in Environment.objects.all()}
    _products(operator, environments)
    create_plan(
        acting_user=operator,
        name="premium",
        title="Premium",
        requests_per_second=5_000,
        burst=10_000,
        quota=Quota("metered", 2_000_000, 40_000_000),
    )
    create_upstream(
        acting_user=operator,
        name="core-banking",
        address="http://core-1.bank.internal:8080",
        further_addresses=["http://core-2.bank.internal:8080"],
        health_path="/health",
        timeout_ms=8_000,
    )
    for organization, name, type_, products in PARTNERS:
        _partner(operator, environments, organization, name, type_, products)
    leaked = Client.objects.filter(application__name="Credit Check").first()
    assert leaked is not None
    place_mark(
        acting_user=operator,
        kind="client",
        value=leaked.client_id,
        reason="Its secret was seen in a public repository.",
        lifetime=timedelta(hours=1),
    )
    lines = b"".join(_month())
    ingest_lines(node="node-1", segment="staged", offset=0, data=lines)


def _products(operator: Actor, environments: dict[str, Environment]) -> None:
    upstream = Upstream.objects.get(name="sandbox")
    versions: list[ProductVersion] = []
    for name, version in DOCUMENTS:
        text = (FOLDER / f"{name}.yaml").read_text()
        row = import_product(acting_user=operator, text=text, version=version)
        versions.append(row)
        for environment in environments.values():
            publish(acting_user=operator, product_version=row, environment=environment, upstream=upstream)
    first, newest, cards, _branches = versions
    set_listing(acting_user=operator, product=newest.product, is_featured=True, is_psd2_only=True, geography="EEA")
    set_listing(acting_user=operator, product=cards.product, is_featured=True, geography="Sweden")
    now = timezone.now()
    wish = LifecycleWish(
        deprecated_at=now - timedelta(days=14),
        sunset_at=now + timedelta(days=76),
        successor=newest,
        ends_at_sunset=True,
    )
    set_lifecycle(acting_user=operator, product_version=first, wish=wish)


def _partner(
    operator: Actor, environments: dict[str, Environment], organization: str, name: str, type_: str, products: list[str]
) -> None:
    partner = Organization.objects.filter(name=organization).first()
    partner = partner or create_organization(acting_user=operator, name=organization)
    application, _, _ = register_application(
        acting_user=operator,
        organization=partner,
        name=name,
        type=type_,
        contact_email="api@partner.example",
        environment=environments["sandbox"],
        created_by=None,
        products=products,
    )
    wish = ClientWish(type_, products=products)
    client, _ = add_client(
        acting_user=operator, application=application, environment=environments["production"], wish=wish
    )
    approve_client(acting_user=operator, client=client, reason="Signed the contract of October.")


def _month() -> Iterator[bytes]:
    """More by day than by night, fewer at weekends, a little more each week."""
    chance = random.Random(7)
    now = timezone.now().timestamp()
    clients = list(
        Client.objects.filter(application__type="server", status=ClientStatus.APPROVED)
        .select_related("application", "environment")
        .order_by("pk")
    )
    called = {client.pk: _operations(client) for client in clients}
    weights = [5 if client.environment.name == "production" else 2 for client in clients]
    for day in range(DAYS):
        began = now - (DAYS - day) * 86_400
        many = CALLS_A_DAY * (0.7 + day / DAYS * 0.6) * (0.45 if (day + 2) % 7 < 2 else 1)
        for _ in range(int(many)):
            second = 86_400 * (0.5 + 0.36 * math.sin(math.pi * (chance.random() - 0.5)) * chance.random())
            client = chance.choices(clients, weights)[0]
            yield _call(chance, began + second, client, called[client.pk])


def _operations(client: Client) -> list[tuple[str, str, str, str, int]]:
    """What it calls: product, method, operation, path, how often."""
    names = list(client.subscriptions.values_list("product__name", flat=True)) or ["accounts"]
    return [(name, *each) for name in names for each in CALLED.get(name, ())]


def _call(chance: random.Random, at: float, client: Client, operations: list[tuple[str, str, str, str, int]]) -> bytes:
    product, method, operation, path, _ = chance.choices(operations, [each[4] for each in operations])[0]
    status, details, _share = chance.choices(ENDINGS, [each[2] for each in ENDINGS])[0]
    took = int(chance.lognormvariate(3.2, 0.6)) if details == "via_upstream" else chance.randrange(1, 4)
    place = client.environment
    return call_line(
        {
            "at": f"{at:.3f}",
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "listener": "mutual",
            "environment": place.name,
            "product": product,
            "version": "v2" if product == "payments" and chance.random() < 0.6 else "v1",
            "operation": operation,
            "status": status,
            "details": details,
            "client": client.client_id,
            "application": client.application.public_id,
            "duration_ms": took + 2,
            "upstream_ms": took if details == "via_upstream" else None,
            "received": 0 if method == "GET" else 240,
            "sent": 2_048 if status == 200 else 220,
            "address": "192.0.2.17",
            "protocol": "HTTP/2",
            "tls": "TLSv1.3",
            "method": method,
            "path": f"{place.path_prefix}/{product}/v1{path.replace('{id}', 'acc-000001')}",
        }
    )
