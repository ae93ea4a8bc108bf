"""Events of the log in words, for the people of the organization that they happened to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.applications.actions import BY_RULE
from propylon.applications.models import Client
from propylon.applications.overlap_words import overlap_words
from propylon.audit.event_words import event_words
from propylon.audit.models import Event

# On the page of an application nothing needs to say that it is about one; all others are in audit.event_words.
_SHORT: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "application.changed": gettext_lazy("Name or contact changed"),
        "client.requested": gettext_lazy("Requested"),
        "client.requested_again": gettext_lazy("Requested again"),
        "client.approved": gettext_lazy("Approved"),
        "client.rejected": gettext_lazy("Rejected"),
    }
)


_SAID_BY_RULE = {BY_RULE, "approved by itself"}  # the latter in older events
_BY_RULE = gettext_lazy("automatically, by the sandbox's rule")


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words; `notes` say what exactly."""

    at: datetime
    what: str
    who: str
    environment: str
    notes: tuple[str, ...]
    tracking_id: str
    state: str


def told(event: Event, clients: Iterable[Client] = ()) -> Told:
    """`clients` are those that the event may be about: they say in which environment it happened."""
    title = next((each.environment.title for each in clients if each.client_id in _clients_of(event)), "")
    who = _("Propylon") if event.actor_kind == "system" else event.actor_label
    return Told(
        at=event.at,
        what=str(_SHORT.get(event.action) or event_words(event.action)),
        who=who,
        environment=title or str(event.data.get("environment", "")),
        notes=_notes(event),
        tracking_id=event.tracking_id,
        state=event.action.partition(".")[2],
    )


def _clients_of(event: Event) -> tuple[str, str]:
    return event.object_id, str(event.data.get("client", ""))


def _notes(event: Event) -> tuple[str, ...]:
    found = []
    data = event.data
    if event.object_kind == "application" and event.action == "application.registered":
        found.append(str(data.get("name", "")))
    for label, name in (
        (_("Product"), "product"),
        (_("Reason"), "reason"),
        (_("Note"), "note"),
        (_("Serial number"), "serial"),
    ):
        if value := data.get(name):
            found.append(f"{label}: {_BY_RULE if value in _SAID_BY_RULE else value}")
    if words := overlap_words(str(data.get("overlap", ""))):
        found.append(words)
    if "before" in data and "after" in data:
        found.append(f"{_listed(data['before'])} → {_listed(data['after'])}")
    return tuple(found)


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or _("none")
    return str(value)
