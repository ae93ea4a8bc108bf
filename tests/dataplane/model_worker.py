"""A control plane of our own code over a model that the test writes into a file: `python model_worker.py <world.json>`.

Commands on stdin, one a line, each answered with one line: `mark <kind> <value>`, `marks <count>`, `changed`,
`contract <client> <calls a day> <calls a month>` (of plan `exact`; "-" is unlimited).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "propylon.project.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import close_old_connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from propylon.accounts.models import Organization  # noqa: E402
from propylon.applications.models import Application, Client  # noqa: E402
from propylon.audit.actions import record_event  # noqa: E402
from propylon.catalog import models as catalog  # noqa: E402
from propylon.controlplane.server import ControlPlane  # noqa: E402
from propylon.gateway.model import (  # noqa: E402
    Environment,
    GatewayModel,
    Listeners,
    Operation,
    Plan,
    Publication,
    Sockets,
    Trust,
    Upstream,
)
from propylon.kernel.actor import SYSTEM  # noqa: E402
from propylon.marks.actions import place_mark  # noqa: E402
from propylon.marks.models import Mark  # noqa: E402
from propylon.project.migrations_runner import bring_databases_up_to_date  # noqa: E402

WORLD = Path(sys.argv[1])
NONCE_KEY = b"n" * 32


def load_model() -> GatewayModel:
    world = json.loads(WORLD.read_text())
    public, mutual = settings.PROPYLON_PUBLIC_PORT, settings.PROPYLON_MUTUAL_PORT
    url = f"https://localhost:{public}"
    return GatewayModel(
        listeners=Listeners(world["address"], public, mutual, url, f"https://localhost:{mutual}"),
        sockets=Sockets(web=world["upstream"]),
        environments=(
            Environment("sandbox", "/sandbox", f"{url}/sandbox"),
            Environment("guarded", "/guarded", f"{url}/guarded", demands_nonces=True),
        ),
        publications=tuple(
            Publication(
                environment=environment,
                product=name,
                version="v1",
                base_path=f"/{environment}/{name}/v1",
                upstream="bank",
                upstream_prefix=f"/{name}",
                error_format="standard",
                operations=(Operation("list", "GET", "/things", ("things",)),),
            )
            for name in world["products"]
            for environment in ("sandbox", "guarded")
        ),
        upstreams=(Upstream("bank", f"unix:{world['upstream']}"),),
        plans=(Plan("standard", 100_000, 100_000), Plan("exact", 100_000, 100_000, world.get("outage", "refuse"))),
        trust=Trust(world["ca_pem"], world["crl_pem"]),
        jwks=world["jwks"],
        nonce_key=NONCE_KEY.hex(),
    )


def obey(line: str) -> str:
    words = line.split()
    if words[0] == "mark":
        place_mark(acting_user=SYSTEM, kind=words[1], value=words[2], reason="test", lifetime=timedelta(hours=1))
        return str(time.time())
    if words[0] == "marks":
        place_many(int(words[1]))
        return "done"
    if words[0] == "contract":
        conclude_contract(*words[1:])
        return "done"
    with transaction.atomic():
        record_event(acting_user=SYSTEM, action="world.changed", object_kind="world", object_id="1")
    return "done"


def conclude_contract(client_id: str, calls_per_day: str, calls_per_month: str) -> None:
    """The client, or another contract for it. Each has an application and a plan of its own."""
    now = timezone.now()
    limits = [None if text == "-" else int(text) for text in (calls_per_day, calls_per_month)]
    quota = {"quota_kind": "exact", "calls_per_day": limits[0], "calls_per_month": limits[1]}
    plan, _ = catalog.Plan.objects.update_or_create(
        name=f"exact-{client_id}", defaults={"requests_per_second": 1, "burst": 1, **quota}
    )
    organization, _ = Organization.objects.get_or_create(
        public_id="org_1", defaults={"name": "Partner", "created_at": now}
    )
    environment, _ = catalog.Environment.objects.get_or_create(name="sandbox", defaults={"path_prefix": "/sandbox"})
    application, _ = Application.objects.get_or_create(
        public_id=f"app_{client_id}",
        defaults={"organization": organization, "name": client_id, "type": "web", "created_at": now},
    )
    fields = {"application": application, "environment": environment, "plan": plan, "created_at": now}
    Client.objects.update_or_create(client_id=client_id, defaults={**fields, "status": "approved"})


def place_many(count: int) -> None:
    """In one transaction; all but the last without an event, which would take half of the test's time."""
    now = timezone.now()
    times = {"placed_at": now, "expires_at": now + timedelta(hours=1)}
    values = [f"many-{number:06d}.1" for number in range(count)]
    with transaction.atomic():
        Mark.objects.bulk_create([Mark(kind="client", value=value, reason="test", **times) for value in values[:-1]])
        place_mark(acting_user=SYSTEM, kind="client", value=values[-1], reason="test", lifetime=timedelta(hours=1))


def listen() -> None:
    for line in sys.stdin:
        print(obey(line), flush=True)
        close_old_connections()


async def main() -> None:
    control_plane = ControlPlane(
        settings.PROPYLON_HOME,
        load_model=load_model,
        load_source_ranges=lambda: (),
        nodes_address=settings.PROPYLON_NODES_ADDRESS,
    )
    threading.Thread(target=listen, daemon=True).start()
    await control_plane.serve()


if __name__ == "__main__":
    settings.PROPYLON_HOME.root.mkdir(parents=True, exist_ok=True)
    bring_databases_up_to_date()
    asyncio.run(main())
