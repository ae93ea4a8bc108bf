"""The event log in the management API. Mounted for the program's staff: `project/manage.py` names the permission."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router
from pydantic import AwareDatetime

from propylon.audit.paging import PageQuery, page_of
from propylon.audit.schemas import EventPage, event_page
from propylon.audit.selectors import events

router = Router(tags=["Audit"])


class EventQuery(PageQuery):
    organization: str = ""
    action: str = ""
    object_id: str = ""
    actor: str = ""
    tracking_id: str = ""
    since: AwareDatetime | None = Field(None, description="The first moment that counts.")
    until: AwareDatetime | None = Field(None, description="The first moment that does not count any more.")


@router.get("", response=EventPage, summary="What was done, newest first")
def list_events(request: HttpRequest, query: Query[EventQuery]) -> EventPage:
    found = events(
        organization_id=query.organization,
        action=query.action,
        object_id=query.object_id,
        actor_id=query.actor,
        tracking_id=query.tracking_id,
        since=query.since,
        until=query.until,
    )
    filters = query.model_dump(mode="json", exclude={"limit", "after"})
    return event_page(page_of(found, query, name="events", filters=filters))
