"""Reading the event log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from propylon.audit.models import Event
from propylon.kernel.errors import Kind, PropylonError


def events(
    *,
    organization_id: str = "",
    action: str = "",
    actions: Collection[str] = (),
    object_id: str = "",
    actor_id: str = "",
    tracking_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Event]:
    """All events, narrowed by what is given; `action` also takes a beginning such as `application`.

    `actions` are names that are found beside it.
    """
    found = Event.objects.all()
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    if organization_id:
        found = found.filter(organization_id=organization_id)
    if action:
        found = found.filter(Q(action=action) | Q(action__startswith=f"{action}.") | Q(action__in=actions))
    if object_id:
        found = found.filter(object_id=object_id)
    if actor_id:
        found = found.filter(actor_id=actor_id)
    if tracking_id:
        found = found.filter(tracking_id=tracking_id)
    return found


def events_about(objects: Iterable[tuple[str, str]]) -> QuerySet[Event]:
    """The history of some things, each named by its kind and its public id."""
    chosen = Q(pk__in=[])
    for kind, identifier in objects:
        chosen |= Q(object_kind=kind, object_id=identifier)
    return Event.objects.filter(chosen)


def event_by_key(key: int) -> Event:
    """Raises `event.unknown`."""
    found = Event.objects.filter(pk=key).first()
    if found is None:
        raise PropylonError("event.unknown", "There is no such event in the log.", kind=Kind.NOT_FOUND)
    return found
