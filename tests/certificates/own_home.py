"""Run as a program on a home of its own: real processes that meet in a real database file, and die in it.

`own_home.py crashes` kills a process (-9) at each statement of signing an order, then resumes; `own_home.py race`
lets processes use one link at the same time. Prints JSON.
"""

# ruff: noqa: E402, B023  (Django is set up before its models are imported; a child runs within its loop's turn)

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "propylon.project.settings"

import django

django.setup()

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from propylon.accounts.models import Organization
from propylon.applications.models import Application, Client, ClientStatus, ServiceAccount
from propylon.catalog.models import Environment, Plan
from propylon.certificates import actions
from propylon.certificates.actions.orders import store_order
from propylon.certificates.models import Certificate, DownloadLink, Order
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.notifications.models import Mail
from propylon.project.migrations_runner import bring_databases_up_to_date

RACERS = 5


def new_client(number: int) -> Client:
    now = timezone.now()
    organization, _ = Organization.objects.get_or_create(public_id="org", defaults={"name": "P", "created_at": now})
    plan, _ = Plan.objects.get_or_create(name="p", defaults={"title": "P", "requests_per_second": 1, "burst": 1})
    environment, _ = Environment.objects.get_or_create(
        name="sandbox", defaults={"title": "S", "path_prefix": "/s", "approves_by_itself": True}
    )
    application = Application.objects.create(
        public_id=f"app_{number}",
        organization=organization,
        name=f"A{number}",
        type="server",
        contact_email="contact@partner.example",
        created_at=now,
    )
    client = Client.objects.create(
        application=application,
        environment=environment,
        client_id=f"client-{number}",
        plan=plan,
        status=ClientStatus.APPROVED,
        security_profile="standard",
        token_endpoint_auth_method="tls_client_auth",
        created_at=now,
    )
    ServiceAccount.objects.create(client=client, name=f"svc{number}V01")
    return client


def child(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own; its process id."""
    connection.close()
    pid = os.fork()
    if pid:
        return pid
    with suppress(BaseException):
        work()
    os._exit(0)


def was_killed(pid: int) -> bool:
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def sign_until(order_id: int, statement: int) -> None:
    """Sign the order, and die before the given statement is executed."""
    seen = 0

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        actions.sign_order(acting_user=SYSTEM, order=Order.objects.get(pk=order_id))


def crashes() -> list[dict[str, object]]:
    """One line per statement at which signing was killed, with what was left, and what came of it."""
    found = []
    for statement in range(100):
        client = new_client(statement)
        order = store_order(acting_user=SYSTEM, client=client, csr_pem="", is_approved=True)
        killed = was_killed(child(lambda: sign_until(order.pk, statement)))
        order.refresh_from_db()
        line = {"killed": killed, "left": order.status, "serial_before": order.intended_serial}
        if statement % 2:  # two workers at once, each of which believes that it has to resume
            for pid in [child(lambda: actions.resume_orders(patience=timedelta(0))) for _ in range(2)]:
                os.waitpid(pid, 0)
        else:
            actions.resume_orders(patience=timedelta(0))
        order.refresh_from_db()
        line |= {
            "status": order.status,
            "serials": list(Certificate.objects.filter(client=client).values_list("serial", flat=True)),
            "mails": Mail.objects.filter(subject__contains=f"A{statement} ").count(),
            "links": DownloadLink.objects.filter(order=order).count(),
        }
        found.append(line)
        if not killed:
            return found
    raise AssertionError("signing has more statements than this tries")


def race() -> list[str]:
    """What each of several processes got from one link, used at the same moment."""
    actions.order_certificate(acting_user=SYSTEM, client=new_client(0))
    found = re.search(r"/certificates/download\?token=(\S+)", Mail.objects.get().body)
    assert found
    folder = Path(os.environ["PROPYLON_HOME"])
    start = time.time() + 0.3

    def use(number: int) -> None:
        while time.time() < start:
            pass
        try:
            result = f"{len(actions.download(token=found[1], format='pem').content)} bytes"
        except PropylonError as error:
            result = error.code
        (folder / f"racer-{number}").write_text(result)

    for pid in [child(lambda number=number: use(number)) for number in range(RACERS)]:
        os.waitpid(pid, 0)
    return [(folder / f"racer-{number}").read_text() for number in range(RACERS)]


if __name__ == "__main__":
    bring_databases_up_to_date()
    actions.ensure_authorities(acting_user=SYSTEM)
    print(json.dumps({"crashes": crashes, "race": race}[sys.argv[1]]()))
