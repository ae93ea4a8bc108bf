"""What the management API says of an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from propylon.audit.models import Event
from propylon.audit.paging import Page, Paging


class ActorOut(Schema):
    kind: str
    id: str
    label: str


class EventOut(Schema):
    """Who did what, when, to what."""

    at: datetime
    action: str
    actor: ActorOut
    object_kind: str
    object_id: str
    organization_id: str
    tracking_id: str
    data: dict[str, Any]


class EventPage(Schema):
    data: list[EventOut]
    paging: Paging


def event_out(event: Event) -> EventOut:
    return EventOut(
        at=event.at,
        action=event.action,
        actor=ActorOut(kind=event.actor_kind, id=event.actor_id, label=event.actor_label),
        object_kind=event.object_kind,
        object_id=event.object_id,
        organization_id=event.organization_id,
        tracking_id=event.tracking_id,
        data=event.data,
    )


def event_page(page: Page[Event]) -> EventPage:
    return EventPage(data=[event_out(event) for event in page.rows], paging=page.paging)
