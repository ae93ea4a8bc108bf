"""Writing to the event log, and ringing the bell once the transaction has committed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.audit.bell import SILENT_OBJECTS, ring_bell
from propylon.audit.models import Event
from propylon.audit.request_context import current_tracking_id
from propylon.kernel.actor import Actor


def record_event(
    *,
    acting_user: Actor,
    action: str,
    object_kind: str,
    object_id: str,
    organization_id: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one audit row. Call it inside the transaction of the action; outside one it refuses.

    The bell rings unless the event is about something that gateways do not know of (`audit.bell.SILENT_OBJECTS`).
    """
    if not transaction.get_connection().in_atomic_block:
        message = f"{action} was recorded outside a transaction"
        raise RuntimeError(message)
    event = Event.objects.create(
        at=timezone.now(),
        action=action,
        actor_kind=acting_user.kind,
        actor_id=acting_user.identifier,
        actor_label=acting_user.label,
        object_kind=object_kind,
        object_id=object_id,
        organization_id=organization_id,
        tracking_id=current_tracking_id(),
        data=data or {},
    )
    if object_kind not in SILENT_OBJECTS:
        transaction.on_commit(ring_bell)
    return event
