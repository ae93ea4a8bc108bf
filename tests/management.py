"""A program with people of every role, and callers of its management API: real database and middleware, no sockets."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client as Browser

from kept_rows import KeptRows, is_empty
from propylon.accounts.access import actor_of
from propylon.accounts.actions import add_member, create_access_token, create_organization, create_user
from propylon.accounts.models import Organization, User
from propylon.applications.actions import register_application
from propylon.applications.models import Application, Client
from propylon.catalog.actions import create_environment, create_plan, create_upstream, import_product, publish
from propylon.catalog.models import Environment
from propylon.kernel.actor import SYSTEM
from propylon.kernel.secret import Secret
from propylon.notifications.models import Mail

PASSWORD = "three quiet harbours"
ROLES = {
    "developer": "partner",
    "analyst": "partner",
    "product_manager": "partner",
    "organization_manager": "partner",
    "relationship_manager": "bank",
    "operator": "bank",
    "security_officer": "bank",
    "auditor": "bank",
    "outsider": "other",
}


@cache
def password_hash() -> str:
    """One for all: hashing is slow by design."""
    return make_password(PASSWORD)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def fields(self) -> set[str]:
        """The places that the error names."""
        return {error["field"] for error in self.body["errors"]}


@dataclass(frozen=True)
class Caller:
    """Somebody with an access token, or nobody."""

    token: str = ""
    address: str = "192.0.2.10"

    def __call__(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"x-propylon-source-address": self.address}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = Browser().generic(
            method,
            f"/manage/v1{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers=headers,
        )
        is_json = answer.get("Content-Type", "").startswith("application/json")
        parsed = json.loads(answer.content) if answer.content and is_json else None
        return Answer(answer.status_code, parsed, {name.lower(): value for name, value in answer.items()})

    def get(self, path: str) -> Answer:
        return self("GET", path)

    def post(self, path: str, body: object) -> Answer:
        return self("POST", path, body)


@dataclass
class Program:
    """The bank, a partner, another partner; one person of each role; two environments and a product."""

    bank: Organization
    partner: Organization
    other: Organization
    sandbox: Environment
    production: Environment
    people: dict[str, User] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)

    def register(
        self, name: str = "Ledger", type_: str = "web", *, organization: Organization | None = None, **wishes: Any
    ) -> tuple[Application, Client, Secret | None]:
        """An application of the partner in the sandbox, subscribed to the product."""
        if type_ != "server":
            wishes.setdefault("redirect_uris", ["https://localhost/callback"])
        return register_application(
            **{
                "acting_user": SYSTEM,
                "organization": organization or self.partner,
                "name": name,
                "type": type_,
                "contact_email": "team@partner.example",
                "environment": self.sandbox,
                "created_by": self.people["developer"],
                "products": ["accounts"],
                **wishes,
            }
        )


@cache
def _kept() -> tuple[Program, KeptRows]:
    """Of this process. Whoever asks first makes it, in the transaction of a test that found nothing stored."""
    return make_program(), KeptRows.of_now()


@pytest.fixture
def program(db: None) -> Program:
    """Made once in each process where a test's transaction is rolled back and nothing was stored before."""
    if not connection.in_atomic_block or not is_empty():
        return make_program()
    made, rows = _kept()
    if is_empty():
        rows.put_back()
    return copy.deepcopy(made)


def make_program() -> Program:
    organizations = {
        "bank": create_organization(acting_user=SYSTEM, name="The Bank", is_operator=True),
        "partner": create_organization(acting_user=SYSTEM, name="Partner AB"),
        "other": create_organization(acting_user=SYSTEM, name="Other Ltd"),
    }
    environments = [
        create_environment(acting_user=SYSTEM, name="sandbox", title="Sandbox", approves_by_itself=True),
        create_environment(acting_user=SYSTEM, name="production", title="Production", path_prefix="/api", position=1),
    ]
    create_plan(acting_user=SYSTEM, name="standard", title="Standard", requests_per_second=5, burst=10, is_default=True)
    upstream = create_upstream(acting_user=SYSTEM, name="bank", address="http://127.0.0.1:9")
    document = files("propylon.sandbox").joinpath("documents/accounts-v1.yaml").read_text()
    version = import_product(acting_user=SYSTEM, text=document, name="accounts", version="v1", scope="accounts")
    for environment in environments:
        publish(acting_user=SYSTEM, product_version=version, environment=environment, upstream=upstream)
    made = Program(**organizations, sandbox=environments[0], production=environments[1])
    for role, place in ROLES.items():
        _add_person(made, role, organizations[place])
    return made


def _add_person(program: Program, role: str, organization: Organization) -> None:
    user = create_user(
        acting_user=SYSTEM, email=f"{role}@people.example", name=f"The {role}", password_hash=password_hash()
    )
    add_member(
        acting_user=SYSTEM,
        organization=organization,
        user=user,
        role="organization_manager" if role == "outsider" else role,
    )
    _, secret = create_access_token(acting_user=actor_of(user), user=user, name="tests", lifetime=timedelta(hours=1))
    program.people[role] = user
    program.callers[role] = Caller(secret.reveal())


def secret_of_mail(mail: Mail) -> str:
    """The token in a mail's link."""
    return mail.body.split("token=")[1].split()[0]
