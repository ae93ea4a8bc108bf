"""What the program looks like today: a handful of figures beside the queue, each from an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from propylon.certificates.selectors import CertificateSearch, certificates
from propylon.console.gateway.node_states import NodeState, node_states
from propylon.notifications.selectors import outbox
from propylon.usage.selectors import ProgramCalls, program_calls

_DAY = timedelta(hours=24)
ENDING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Today:
    calls: ProgramCalls
    nodes: list[NodeState]
    certificates_ending: int
    mails_waiting: int
    mails_failed: int
    at: datetime
    public_url: str

    @property
    def nodes_current(self) -> int:
        return sum(node.is_current and not node.is_silent for node in self.nodes)


def today() -> Today:
    now = timezone.now()
    return Today(
        calls=program_calls(now - _DAY),
        nodes=node_states(),
        certificates_ending=CertificateSearch(ends_within=ENDING_DAYS).apply(certificates()).count(),
        mails_waiting=outbox(state="queued").count(),
        mails_failed=outbox(state="failed").count(),
        at=now,
        public_url=settings.PROPYLON_PUBLIC_URL,
    )
