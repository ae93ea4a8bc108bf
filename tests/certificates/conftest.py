"""A partner with an application that may have a certificate, and the authorities."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from propylon.accounts.models import Organization
from propylon.applications.models import Application, Client, ClientStatus, ServiceAccount
from propylon.catalog.models import Environment, Plan
from propylon.certificates.actions import ensure_authorities
from propylon.certificates.models import Authority
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail

CONTACT = "contact@partner.example"
LINK = re.compile(r"https://localhost:\d+/certificates/download\?token=(\S+)")


@pytest.fixture
def authorities(db: None) -> None:
    ensure_authorities(acting_user=SYSTEM)


@pytest.fixture
def make_client(authorities: None) -> Callable[..., Client]:
    """`make_client("name", approves=True, kind="server", account=True)`"""
    now = timezone.now()
    organization = Organization.objects.create(public_id="org_partner", name="Partner", created_at=now)
    plan = Plan.objects.create(name="standard", title="Standard", requests_per_second=10, burst=10)

    def make(name: str, *, approves: bool = True, kind: str = "server", account: bool = True) -> Client:
        environment, _ = Environment.objects.get_or_create(
            name="sandbox" if approves else "production",
            defaults={"title": "E", "path_prefix": "/s" if approves else "/p", "approves_by_itself": approves},
        )
        application = Application.objects.create(
            public_id=f"app_{name}",
            organization=organization,
            name=name,
            type=kind,
            contact_email=CONTACT,
            created_at=now,
        )
        client = Client.objects.create(
            application=application,
            environment=environment,
            client_id=f"client-{name}",
            plan=plan,
            status=ClientStatus.APPROVED,
            security_profile="standard",
            created_at=now,
            token_endpoint_auth_method="tls_client_auth",
        )
        if account:
            ServiceAccount.objects.create(client=client, name=f"svc{name}V01")
        return client

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """Shadows pytest-django's: here a client is an OAuth client."""
    return make_client("First")


def mailed_token() -> str:
    """The last part of the newest link that was mailed to the contact."""
    mail = Mail.objects.filter(to=CONTACT, body__contains="/certificates/download?token=").order_by("-pk")[0]
    found = LINK.search(mail.body)
    assert found
    return found[1]


@pytest.fixture
def token_of_mail() -> Callable[[], str]:
    return mailed_token


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the openssl command in `tmp_path`, where the authorities lie as root.pem, issuing.pem and crls.pem."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        rows = {row.kind: row for row in Authority.objects.all()}
        for kind, row in rows.items():
            (tmp_path / f"{kind}.pem").write_text(row.certificate_pem)
        (tmp_path / "crls.pem").write_text("".join(row.crl_pem for row in rows.values()))
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    return run
