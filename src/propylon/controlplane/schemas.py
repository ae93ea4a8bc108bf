"""What the management API says of revisions and gateway nodes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from ninja import Field, Schema

from propylon.audit.paging import Page, Paging
from propylon.controlplane.kill_switches import STOPPED_KINDS, KillSwitch, Thrown
from propylon.controlplane.models import Node, NodeResource, Revision


class DiagnosticOut(Schema):
    place: str
    code: str
    message: str


class RevisionOut(Schema):
    """A compiled configuration; `is_live`: the one that nodes are to run now."""

    version: str
    is_live: bool
    created_at: datetime
    published_at: datetime | None = Field(description="Null: it could not be compiled and was never offered.")
    resources: dict[str, str]
    diagnostics: list[DiagnosticOut]


class RevisionPage(Schema):
    data: list[RevisionOut]
    paging: Paging


class KillSwitchIn(Schema):
    """What is stopped. Nothing is unpublished or revoked: it goes on as it was when the switch is lifted."""

    kind: str = Field(description=f"One of {', '.join(STOPPED_KINDS)}.")
    target: str = Field(max_length=80, description="Name of the product or environment, id of the organization.")
    environment: str = Field("", max_length=40, description="Where a product is stopped; everywhere unless given.")
    reason: str = Field("", max_length=80, description="Needed to throw it.")

    def switch(self) -> KillSwitch:
        return KillSwitch(self.kind, self.target, self.environment)


class KillSwitchOut(Schema):
    kind: str
    target: str
    environment: str
    title: str
    reason: str
    since: datetime
    by: str = Field(description="Who threw it.")


class KillSwitchList(Schema):
    data: list[KillSwitchOut]


class NodeResourceOut(Schema):
    """One kind on one node, by Envoy's own account."""

    kind: str
    version: str
    is_current: bool
    confirmed_at: datetime
    age_seconds: float = Field(description="How long this node has been running this version.")
    behind_seconds: float = Field(description="How long a newer version has been on offer; 0 when it is current.")
    rejection: str
    marks: int | None = Field(description="How many marks it holds, of the two kinds of marks; null: unknown.")


class NodeOut(Schema):
    name: str
    is_current: bool
    first_seen_at: datetime
    last_seen_at: datetime
    certificate_ends_at: datetime | None = Field(
        description="Of a node on another machine; it renews its certificate before. Null: of the control plane's own."
    )
    resources: list[NodeResourceOut]


class NodeList(Schema):
    data: list[NodeOut]


def revision_page(page: Page[Revision], live: Revision | None) -> RevisionPage:
    return RevisionPage(data=[_revision_out(row, live) for row in page.rows], paging=page.paging)


def _revision_out(row: Revision, live: Revision | None) -> RevisionOut:
    return RevisionOut(
        version=row.version,
        is_live=live is not None and live.pk == row.pk,
        created_at=row.created_at,
        published_at=row.published_at,
        resources=row.resources,
        diagnostics=[DiagnosticOut(**diagnostic) for diagnostic in row.diagnostics],
    )


def node_out(node: Node, offers: dict[str, tuple[str, datetime]], certificate_ends: dict[str, datetime]) -> NodeOut:
    """`offers` as `selectors.offers` gives them, `certificate_ends` as `node_enrolment` does."""
    resources = [_resource_out(row, offers) for row in sorted(node.resources.all(), key=lambda row: row.kind)]
    running = {resource.kind: resource.version for resource in resources}
    return NodeOut(
        name=node.name,
        is_current=bool(offers) and all(running.get(kind) == version for kind, (version, _) in offers.items()),
        first_seen_at=node.first_seen_at,
        last_seen_at=node.last_seen_at,
        certificate_ends_at=certificate_ends.get(node.name),
        resources=resources,
    )


def _resource_out(row: NodeResource, offers: dict[str, tuple[str, datetime]]) -> NodeResourceOut:
    now = timezone.now()
    # The node makes its own server certificate's resource; nothing newer is on offer.
    wanted, since = offers.get(row.kind, (row.version, now))
    is_current = wanted == row.version
    return NodeResourceOut(
        kind=row.kind,
        version=row.version,
        is_current=is_current,
        confirmed_at=row.confirmed_at,
        age_seconds=round((now - row.confirmed_at).total_seconds(), 3),
        behind_seconds=0 if is_current else round((now - since).total_seconds(), 3),
        rejection=row.rejection,
        marks=row.marks,
    )


def kill_switch_out(thrown: Thrown) -> KillSwitchOut:
    return KillSwitchOut(
        kind=thrown.switch.kind,
        target=thrown.switch.target,
        environment=thrown.switch.environment,
        title=thrown.title,
        reason=thrown.reason,
        since=thrown.since,
        by=thrown.by,
    )
