"""Events of the log in words, for the people of the organization that they happened to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from propylon.applications.models import Client
from propylon.audit.models import Event

WORDS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "application.registered": _l("Application added"),
        "application.changed": _l("Name or contact changed"),
        "application.deleted": _l("Application deleted"),
        "client.requested": _l("Requested"),
        "client.approved": _l("Approved"),
        "client.rejected": _l("Rejected"),
        "client.secret_shown": _l("Client secret shown"),
        "client.secret_regenerated": _l("Client secret replaced"),
        "client.redirect_uris_set": _l("Redirect URIs set"),
        "client.source_ranges_set": _l("Source ranges set"),
        "client.subscribed": _l("Subscribed to a product"),
        "client.unsubscribed": _l("Subscription given up"),
        "client.console_certificate_intended": _l("Certificate for the call console made"),
        "client.console_token_issued": _l("Token for the call console made"),
        "certificate_order.requested": _l("Certificate ordered"),
        "certificate_order.approved": _l("Certificate order approved"),
        "certificate_order.refused": _l("Certificate order refused"),
        "certificate_order.intent_recorded": _l("Signing began"),
        "certificate_order.link_sent": _l("Download link mailed"),
        "certificate_order.downloaded": _l("Certificate downloaded"),
        "certificate.issued": _l("Certificate issued"),
        "certificate.revoked": _l("Certificate revoked"),
    }
)


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
    word = WORDS.get(event.action)
    what = str(word) if word is not None else capfirst(event.action.replace("_", " ").replace(".", ": "))
    who = _("Propylon") if event.actor_kind == "system" else event.actor_label
    return Told(
        at=event.at,
        what=what,
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
    for label, name in ((_("Product"), "product"), (_("Reason"), "reason"), (_("Serial number"), "serial")):
        if value := data.get(name):
            found.append(f"{label}: {_(value) if value == 'approved by itself' else value}")
    if "before" in data and "after" in data:
        found.append(f"{_listed(data['before'])} → {_listed(data['after'])}")
    return tuple(found)


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or _("none")
    return str(value)
