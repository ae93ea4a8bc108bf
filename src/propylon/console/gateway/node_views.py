"""Gateway nodes and what they run; revisions and what each changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from propylon.audit.paging import page_of
from propylon.console.access import staff_page
from propylon.console.gateway.node_states import node_state, node_states
from propylon.console.pages import console_page, page_query
from propylon.controlplane.models import Revision
from propylon.controlplane.node_enrolment import certificate_ends
from propylon.controlplane.selectors import (
    events_behind,
    live_revision,
    node_named,
    offers,
    revision_before,
    revision_named,
    revisions,
)

# What each watched file of a node holds.
KIND_WORDS = {
    "trust": _("Certificate authorities and revocation lists"),
    "cds": _("Upstreams"),
    "jwt": _("Keys and audiences of tokens"),
    "limits": _("Plans"),
    "rds": _("Routes: products, operations, scopes"),
    "lds": _("Listeners"),
    "marks": _("Recent marks and source ranges"),
    "settled": _("Marks, the bulk of them"),
    "server": _("The node's own server certificate"),
}
_EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Change:
    """A kind whose version differs from the revision before; `before` is empty for a new one."""

    kind: str
    words: object
    before: str
    now: str


@staff_page
def nodes(request: HttpRequest) -> HttpResponse:
    context = {"nodes": node_states(), "live": live_revision()}
    return console_page(request, "gateway/nodes.html", context)


@staff_page
def node(request: HttpRequest, node: str) -> HttpResponse:
    found = node_state(node_named(node), offers(), certificate_ends())
    rows = [(kind, KIND_WORDS.get(kind.kind, kind.kind)) for kind in found.kinds]
    return console_page(request, "gateway/node.html", {"node": found, "rows": rows})


@staff_page
def revision_list(request: HttpRequest) -> HttpResponse:
    page = page_of(revisions(), page_query(request), name="console revisions")
    rows = [(row, _changes(row, before)) for row, before in _with_one_before(list(page.rows))]
    context = {"rows": rows, "paging": page.paging, "live": live_revision()}
    return console_page(request, "gateway/revisions.html", context)


@staff_page
def revision(request: HttpRequest, revision: str) -> HttpResponse:
    found = revision_named(revision)
    live = live_revision()
    context = {
        "revision": found,
        "is_live": live is not None and live.pk == found.pk,
        "before": revision_before(found),
        "changes": _changes(found, revision_before(found)),
        "events": list(events_behind(found)[:_EVENTS_SHOWN]),
    }
    return console_page(request, "gateway/revision.html", context)


def _with_one_before(rows: list[Revision]) -> list[tuple[Revision, Revision | None]]:
    """Each with the last published one before it; only the page's oldest has to be asked for."""
    found: list[tuple[Revision, Revision | None]] = []
    before = revision_before(rows[-1]) if rows else None
    for row in reversed(rows):
        found.append((row, before))
        before = row if row.published_at else before
    return found[::-1]


def _changes(row: Revision, before: Revision | None) -> list[Change]:
    known = before.resources if before else {}
    return [
        Change(kind, KIND_WORDS.get(kind, kind), known.get(kind, ""), version)
        for kind, version in row.resources.items()
        if known.get(kind) != version
    ]
