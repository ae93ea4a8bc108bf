"""The operator gives a client another plan: how fast and how often it may call (the limits are the program's)."""

from __future__ import annotations

from django.db import transaction

from propylon.applications import mails
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client, ClientStatus
from propylon.catalog.models import Plan
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


@transaction.atomic
def give_plan(*, acting_user: Actor, client: Client, plan: Plan) -> None:
    """Tokens that the client asks for from now on carry it; those it has keep the plan before until they end.

    The same plan once more changes nothing, and is not told. `client` is brought up to date. Raises
    `client.plan.deleted`.
    """
    current = locked(client)
    if current.status == ClientStatus.DELETED:
        raise PropylonError(
            "client.plan.deleted", "The application was deleted; it needs no plan any more.", kind=Kind.CONFLICT
        )
    if current.plan_id != plan.pk:
        before, current.plan = current.plan.name, plan
        current.save(update_fields=["plan"])
        record_client(acting_user, "plan_given", current, before=before, after=plan.name)
        mails.plan_given(current)
    client.refresh_from_db()
