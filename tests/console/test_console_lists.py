"""Lists of the console with many rows: how often the database is asked, how large a page is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from console_examples import call_record
from console_visitor import Visitor
from django.utils import timezone

from management import Program
from propylon.accounts.models import Membership, Organization, User
from propylon.applications.models import Application, Client
from propylon.audit.models import Event
from propylon.catalog.models import Plan, Product, ProductVersion
from propylon.certificates.models import Certificate, Order
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
MANY = 500
SHELL = 9  # session, user, permissions, the shell's own questions, counts of the navigation


@pytest.fixture
def many(program: Program) -> Visitor:
    """500 of everything; a third of the clients waits."""
    now = timezone.now()
    organizations = Organization.objects.bulk_create(
        Organization(public_id=f"org_{n}", name=f"Partner {n:03}", created_at=now) for n in range(MANY)
    )
    users = User.objects.bulk_create(
        User(public_id=f"usr_{n}", email=f"p{n}@people.example", name=f"Person {n}", created_at=now)
        for n in range(MANY)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organization=organization, role="developer", created_at=now)
        for user, organization in zip(users, organizations, strict=True)
    )
    applications = Application.objects.bulk_create(
        Application(
            public_id=f"app_{n}",
            organization=row,
            name=f"App {n}",
            type="web",
            contact_email="a@b.example",
            created_at=now,
            created_by=users[n],
        )
        for n, row in enumerate(organizations)
    )
    plan = Plan.objects.get()
    clients = Client.objects.bulk_create(
        Client(
            application=row,
            environment=program.production,
            client_id=f"cli_{n}",
            plan=plan,
            created_at=now,
            status="pending" if n % 3 == 0 else "approved",
            security_profile="standard",
            token_endpoint_auth_method="client_secret_basic",
        )
        for n, row in enumerate(applications)
    )
    Order.objects.bulk_create(
        Order(public_id=f"order_{n}", client=row, requested_by="usr_1", requested_at=now)
        for n, row in enumerate(clients)
    )
    Certificate.objects.bulk_create(
        Certificate(
            public_id=f"cert_{n}",
            client=row,
            serial=f"{n:040x}",
            fingerprint=f"{n:064x}",
            common_name=f"svc{n}",
            subject_dn="CN",
            certificate_pem="-",
            chain_pem="-",
            not_before=now,
            not_after=now + timedelta(days=n + 1),
        )
        for n, row in enumerate(clients)
    )
    products = Product.objects.bulk_create(
        Product(name=f"product-{n}", title=f"Product {n:03}", default_scope=f"p{n}", created_at=now)
        for n in range(MANY)
    )
    ProductVersion.objects.bulk_create(
        ProductVersion(
            product=row, version="v1", document={"x": "y" * 500}, document_hash="h", mount_path="/x", created_at=now
        )
        for row in products
    )
    Mail.objects.bulk_create(
        Mail(public_id=f"mail_{n}", to="x@people.example", subject=f"Mail {n}", body="b", queued_at=now)
        for n in range(MANY)
    )
    Event.objects.bulk_create(
        Event(
            at=now,
            action="x.done",
            actor_kind="user",
            actor_id="usr_1",
            actor_label="P",
            object_kind="user",
            object_id="usr_1",
        )
        for _ in range(MANY)
    )
    for _ in range(60):
        call_record()
    return Visitor(program.people["operator"])


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/console", 14),
        ("/console/organizations", 2),
        ("/console/organizations?text=Partner", 2),
        ("/console/users", 4),
        ("/console/users?role=developer&state=active&text=person", 4),
        ("/console/applications", 5),
        ("/console/applications?status=pending&environment=production&type=web&text=App", 5),
        ("/console/certificates", 3),
        ("/console/certificates?ends_within=90&text=svc", 3),
        ("/console/certificate-orders", 3),
        ("/console/products", 7),
        ("/console/mails?state=failed", 3),
        ("/console/audit?organization=&action=x", 3),
        ("/console/calls", 5),
        ("/console/marks", 4),
        ("/console/revisions", 5),
        ("/console/organizations/org_1", 10),
        ("/console/users/usr_1", 11),
        ("/console/applications/app_1", 14),
        ("/console/clients/cli_0/decision", 14),
    ],
)
def test_a_page_asks_the_database_a_fixed_number_of_times(
    many: Visitor, path: str, own: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    many.get("/console/roles")
    with django_assert_max_num_queries(SHELL + own):
        answer = many.get(path)
    assert answer.status_code == 200
    assert len(answer.content) < 200_000


def test_a_list_goes_on_to_its_end(many: Visitor) -> None:
    seen, path = 0, "/console/certificates"
    for _ in range(20):
        text = many.text(path)
        seen += text.count('<th scope="row">')
        following = text.partition('href="?')[2].partition('" rel="next"')[0]
        if 'rel="next"' not in text:
            break
        path = f"/console/certificates?{following.replace('&amp;', '&')}"
    assert seen == MANY
