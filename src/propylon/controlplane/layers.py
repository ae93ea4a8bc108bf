"""The two layers of marks, as two lines: recent ones at once, the bulk now and then. The rules: `gateway.layers`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from propylon.authserver.pairwise import marks_with_names
from propylon.controlplane.actions import Settled, record_marks_offer, record_settlement, settle
from propylon.controlplane.cycle import Line
from propylon.controlplane.offering import LayeredMarks, Offering
from propylon.controlplane.selectors import settled_on_nodes, settlement_numbers
from propylon.gateway.compiler import compile_marks, compile_settled
from propylon.gateway.layers import Standing, base_after, is_settling_due
from propylon.gateway.marks import ClientSourceRanges, Enforcement, GatewayMark
from propylon.gateway.snapshot import Resource
from propylon.marks.selectors import count_settled, live_marks, oldest_unsettled

_LOOK_EVERY_SECONDS = 5.0
_START_SECONDS = 10.0

LoadSourceRanges = Callable[[], tuple[ClientSourceRanges, ...]]


@dataclass(frozen=True, slots=True)
class Recent:
    """What the layer "marks" is made of, and the settlement that it counts on."""

    base: int
    enforcement: Enforcement


class MarkLayers:
    """What the two lines know of each other, in memory. After a restart everything is settled anew."""

    def __init__(self, offering: Offering, load_source_ranges: LoadSourceRanges) -> None:
        self._offering = offering
        self._load_source_ranges = load_source_ranges
        self._settled: Settled | None = None  # the latest that is recorded
        self._made_at: float | None = None  # of it; None: one is owed
        self._has_tried = threading.Event()
        self._base = 0

    def recent_line(self) -> Line[Recent, LayeredMarks]:
        return Line(
            "marks",
            self._load_recent,
            self._compile_recent,
            self._offering.offer_marks,
            lambda marks: record_marks_offer(resource=marks.recent, marks=marks.count),
        )

    def settled_line(self) -> Line[Settled, Resource]:
        return Line(
            "settled",
            self._load_settled,
            self._compile_settled,
            lambda resource: self._offering.offer([resource]),
            lambda _: None,
            every=_LOOK_EVERY_SECONDS,
        )

    def _load_recent(self) -> Recent:
        self._has_tried.wait(_START_SECONDS)
        if self._settled is not None:
            self._base = base_after(self._base, settlement_numbers(), settled_on_nodes())
        marks = marks_with_names(live_marks(settled_after=self._base))
        enforcement = Enforcement(marks, self._load_source_ranges())
        return Recent(self._base, enforcement)

    def _compile_recent(self, recent: Recent) -> LayeredMarks:
        whole = _Whole(recent.enforcement, self._settled.marks if self._settled else ())
        return LayeredMarks(compile_marks(recent.enforcement), recent.base, whole, len(recent.enforcement.marks))

    def _load_settled(self) -> Settled:
        if self._settled is not None and not is_settling_due(self._standing(self._settled)):
            return self._settled
        self._made_at = None
        try:
            return settle()
        except Exception:
            self._has_tried.set()  # marks do without a settlement rather than wait for one
            raise

    def _compile_settled(self, settled: Settled) -> Resource:
        """Recorded before it is offered: a node may confirm it at once."""
        try:
            resource = compile_settled(settled.marks)
            record_settlement(number=settled.number, resource=resource, marks=len(settled.marks))
            self._offering.know_settlements(settlement_numbers())
            self._settled, self._made_at = settled, time.monotonic()
        finally:
            self._has_tried.set()
        return resource

    def _standing(self, settled: Settled) -> Standing:
        count, oldest = oldest_unsettled()
        return Standing(
            recent=count,
            oldest_recent_seconds=(timezone.now() - oldest).total_seconds() if oldest else 0.0,
            settled=len(settled.marks),
            still_live=count_settled(),
            seconds_since=None if self._made_at is None else time.monotonic() - self._made_at,
        )


class _Whole:
    """All live marks in one layer, for a node that runs no settlement late enough: compiled when one asks."""

    def __init__(self, recent: Enforcement, settled: tuple[GatewayMark, ...]) -> None:
        self._recent = recent
        self._settled = settled
        self._lock = threading.Lock()
        self._resource: Resource | None = None

    def __call__(self) -> Resource:
        with self._lock:
            if self._resource is None:
                marks = (*self._recent.marks, *self._settled)
                self._resource = compile_marks(Enforcement(marks, self._recent.source_ranges))
            return self._resource
