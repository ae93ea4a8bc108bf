"""How this room writes to the event log."""

from __future__ import annotations

from typing import Any

from propylon.applications.models import Application, Client
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor


def record_application(acting_user: Actor, action: str, application: Application, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"application.{action}",
        object_kind="application",
        object_id=application.public_id,
        organization_id=application.organization.public_id,
        data=data,
    )


def record_client(acting_user: Actor, action: str, client: Client, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"client.{action}",
        object_kind="client",
        object_id=client.client_id,
        organization_id=client.application.organization.public_id,
        data={"application": client.application.public_id, "environment": client.environment.name, **data},
    )
