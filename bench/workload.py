"""Fills an empty installation with the workload of the bench, through the program's own actions.

Run inside the installation's environment: python workload.py UPSTREAM_PORT FOLDER APPLICATIONS TOKENS MARKS
Writes FOLDER/tokens.txt (one access token a line, in uniform order over the applications) and FOLDER/workload.json.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.accounts.actions import add_member, create_access_token, create_organization, create_user
from propylon.applications.actions import register_application
from propylon.applications.models import Client
from propylon.audit.actions import record_event
from propylon.authserver.models import Grant
from propylon.authserver.signing import signers
from propylon.catalog.actions import create_environment, create_plan, create_upstream, import_product, publish
from propylon.kernel.actor import Actor
from propylon.kernel.token_claims import client_generation, grant_generation
from propylon.marks.models import Mark
from propylon.sealing.entropy import new_public_id

BENCH = Actor("system", "bench", "Bench")
DOCUMENT = """
openapi: 3.0.3
info: {title: Bench, version: 1.0.0}
paths:
  /items:
    get:
      operationId: listItems
      responses: {"200": {description: two kilobytes}}
  /items/{id}:
    get:
      operationId: getItem
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: two kilobytes}}
"""
# 127.0.0.0/8 is where the load comes from; the other two make the list as long as a partner's is.
RANGES = ("127.0.0.0/8", "192.0.2.0/24", "2001:db8::/32")
TOKEN_LIFETIME = 3600  # seconds: the bench runs longer than the ten minutes of a real token


@transaction.atomic
def build(upstream_port: int, applications: int) -> dict[str, Any]:
    """Environment, product and applications; who may delete them."""
    environment = create_environment(
        acting_user=BENCH, name="sandbox", title="Sandbox", path_prefix="/sandbox", approves_by_itself=True
    )
    create_plan(
        acting_user=BENCH, name="bench", title="Bench", requests_per_second=1_000_000, burst=1_000_000, is_default=True
    )
    bank = create_upstream(acting_user=BENCH, name="bank", address=f"http://127.0.0.1:{upstream_port}")
    version = import_product(acting_user=BENCH, text=DOCUMENT, name="bench", version="v1", scope="bench")
    publish(acting_user=BENCH, product_version=version, environment=environment, upstream=bank)
    organization = create_organization(acting_user=BENCH, name="Bench Partner")
    user = create_user(acting_user=BENCH, email="bench@partner.example", name="Bench", password_hash="!")
    add_member(acting_user=BENCH, organization=organization, user=user, role="organization_manager")
    for number in range(applications):
        register_application(
            acting_user=BENCH,
            organization=organization,
            name=f"Application {number}",
            type="web",
            contact_email="bench@partner.example",
            environment=environment,
            created_by=user,
            redirect_uris=("https://localhost/callback",),
            products=("bench",),
            source_ranges=RANGES,
        )
    server, client, _ = register_application(
        acting_user=BENCH,
        organization=organization,
        name="Server",
        type="server",
        contact_email="bench@partner.example",
        environment=environment,
        created_by=user,
        products=("bench",),
    )
    _, token = create_access_token(acting_user=BENCH, user=user, name="bench", lifetime=timedelta(hours=6))
    return {"access_token": token.reveal(), "server": {"application": server.public_id, "client_id": client.client_id}}


def tokens(count: int) -> list[dict[str, str]]:
    """Customers' tokens, as many of each application, signed as the token endpoint signs them."""
    signer, now = signers.get(), int(time.time())
    clients = list(Client.objects.filter(application__type="web").select_related("application", "plan"))
    per_client = count // len(clients)
    grants, made = [], []
    for client in clients:
        for _ in range(per_client):
            grant = new_public_id("grant")
            grants.append(
                Grant(
                    public_id=grant,
                    client=client,
                    subject=new_public_id("cus"),
                    scope="bench",
                    created_at=timezone.now(),
                    expires_at=timezone.now() + timedelta(days=1),
                )
            )
            claims = {
                "iss": settings.PROPYLON_PUBLIC_URL,
                "sub": grants[-1].subject,
                "aud": f"{settings.PROPYLON_PUBLIC_URL}/sandbox",
                "exp": now + TOKEN_LIFETIME,
                "iat": now,
                "jti": new_public_id("jti"),
                "client_id": client.client_id,
                "scope": "bench",
                "app": client.application.public_id,
                "env": "sandbox",
                "plan": client.plan.name,
                "cgn": client_generation(client.client_id, client.generation),
                "gid": grant,
                "ggn": grant_generation(grant, 1),
            }
            made.append({"application": client.application.public_id, "token": signer.access_token(claims)})
    Grant.objects.bulk_create(grants, batch_size=500)
    random.Random(1).shuffle(made)
    return made


@transaction.atomic
def place_marks(count: int) -> None:
    """Marks of tokens that nobody calls with: half of them tokens, half grants."""
    now = timezone.now()
    ends = now + timedelta(hours=6)
    Mark.objects.bulk_create(
        (
            Mark(
                kind="token" if number % 2 else "grant",
                value=new_public_id("jti") if number % 2 else grant_generation(new_public_id("grant"), 1),
                reason="bench",
                placed_at=now,
                expires_at=ends,
            )
            for number in range(count)
        ),
        batch_size=500,
    )
    record_event(acting_user=BENCH, action="marks.placed", object_kind="bench", object_id=str(count))


def main() -> None:
    upstream_port, folder, applications, token_count, marks = sys.argv[1:]
    facts = build(int(upstream_port), int(applications))
    made = tokens(int(token_count))
    place_marks(int(marks))
    (Path(folder) / "tokens.txt").write_text("".join(each["token"] + "\n" for each in made))
    (Path(folder) / "workload.json").write_text(json.dumps(facts | {"tokens": made}))


if __name__ == "__main__":
    main()
