"""What the gateway nodes run, as a person asks: is it what is offered, and since when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from propylon.controlplane.models import Node
from propylon.controlplane.node_enrolment import certificate_ends
from propylon.controlplane.selectors import nodes, offers
from propylon.gateway.snapshot import SETTLED_KIND

SILENT_AFTER = timedelta(seconds=90)  # a node reports itself at least every 25 s


@dataclass(frozen=True, slots=True)
class KindState:
    """One kind of resource on one node. `behind_since` is empty when it runs what is offered."""

    kind: str
    running: str
    offered: str
    confirmed_at: datetime
    behind_since: datetime | None
    rejection: str
    marks: int | None  # how many it holds; None: not of marks, or unknown

    @property
    def is_current(self) -> bool:
        return self.behind_since is None and not self.rejection


@dataclass(frozen=True, slots=True)
class NodeState:
    name: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_silent: bool
    certificate_ends_at: datetime | None  # of a node on another machine
    kinds: tuple[KindState, ...]

    @property
    def is_current(self) -> bool:
        return bool(self.kinds) and all(kind.is_current for kind in self.kinds)

    @property
    def state(self) -> str:
        """As `{% state %}` shows it."""
        if self.is_silent:
            return "silent"
        return "connected" if self.is_current else "behind"

    @property
    def snapshot_since(self) -> datetime | None:
        """When the node took up the newest of what it runs."""
        return max((kind.confirmed_at for kind in self.kinds), default=None)

    @property
    def marks(self) -> list[KindState]:
        """The two layers that it enforces: recent marks, and the bulk of them."""
        return [kind for kind in self.kinds if kind.marks is not None]

    @property
    def rejections(self) -> list[KindState]:
        return [kind for kind in self.kinds if kind.rejection]


def node_states() -> list[NodeState]:
    """Every node that ever reported itself, by name."""
    offered, ends = offers(), certificate_ends()
    return [node_state(node, offered, ends) for node in nodes().order_by("name")]


def node_state(node: Node, offered: dict[str, tuple[str, datetime]], certificates: dict[str, datetime]) -> NodeState:
    kinds = []
    for row in sorted(node.resources.all(), key=lambda each: each.kind):
        # The server certificate is the node's own: nothing newer is on offer. Of the settled marks any edition will
        # do, because the recent ones are made for what the node runs.
        version, since = offered.get(row.kind, (row.version, row.confirmed_at))
        is_behind = version != row.version and row.kind != SETTLED_KIND
        kinds.append(
            KindState(
                row.kind, row.version, version, row.confirmed_at, since if is_behind else None, row.rejection, row.marks
            )
        )
    return NodeState(
        name=node.name,
        first_seen_at=node.first_seen_at,
        last_seen_at=node.last_seen_at,
        is_silent=timezone.now() - node.last_seen_at > SILENT_AFTER,
        certificate_ends_at=certificates.get(node.name),
        kinds=tuple(kinds),
    )
