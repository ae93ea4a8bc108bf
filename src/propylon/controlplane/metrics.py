"""What a Prometheus server collects: calls, latencies, ingestion, marks, nodes. Text exposition format 0.0.4.

Counters are sums over the days that are kept; when a day is forgotten they fall, which Prometheus takes for a restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Sum
from django.utils import timezone

from propylon.controlplane.models import Node, NodeResource, Offer
from propylon.marks.selectors import marks_by_kind
from propylon.usage.analytics import MOST_EXPORTED, Selection, ranking
from propylon.usage.counts import SeriesKind
from propylon.usage.models import DayCounts, PendingCounts
from propylon.usage.periods import PeriodName, period

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAMES = ("environment", "product", "version")
Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    kind: str  # "counter" | "gauge"
    help: str
    samples: Iterable[Sample]


def metrics_text() -> str:
    return "".join(_lines(_metrics(timezone.now())))


def _metrics(now: datetime) -> Iterator[Metric]:
    yield from _calls()
    yield _latencies(now)
    yield from _ingestion(now)
    yield _marks()
    yield from _nodes(now)


def _calls() -> Iterator[Metric]:
    sums = ("calls", "refused", "errors", "failed", "duration_ms")
    rows = list(
        DayCounts.objects.filter(series__kind=SeriesKind.PRODUCT)
        .values(*(f"series__{name}" for name in _NAMES))
        .annotate(**{f"all_{name}": Sum(name) for name in sums})
    )
    for name, field, text in (
        ("propylon_calls_total", "calls", "Calls of a product."),
        ("propylon_calls_refused_total", "refused", "Calls that the gateway refused."),
        ("propylon_calls_with_error_total", "errors", "Calls answered with 4xx or 5xx, by gateway or upstream."),
        ("propylon_calls_failed_total", "failed", "Calls answered with 5xx, by gateway or upstream."),
        ("propylon_call_duration_milliseconds_total", "duration_ms", "Duration of all calls together."),
    ):
        samples = [({key: row[f"series__{key}"] for key in _NAMES}, row[f"all_{field}"]) for row in rows]
        yield Metric(name, "counter", text, samples)


def _latencies(now: datetime) -> Metric:
    samples: list[Sample] = []
    for row in ranking(SeriesKind.PRODUCT, Selection(), period(PeriodName.HOUR, now), limit=MOST_EXPORTED):
        labels = {name: getattr(row, name) for name in _NAMES}
        for quantile, value in (
            ("0.5", row.figures.p50_ms),
            ("0.95", row.figures.p95_ms),
            ("0.99", row.figures.p99_ms),
        ):
            samples.append(({**labels, "quantile": quantile}, value or 0))
    help_text = "Durations of the last hour's calls, within 2 per cent."
    return Metric("propylon_call_duration_milliseconds", "gauge", help_text, samples)


def _ingestion(now: datetime) -> Iterator[Metric]:
    found = PendingCounts.objects.aggregate(batches=Count("pk"), calls=Sum("calls"), oldest=Min("received_at"))
    age = (now - found["oldest"]).total_seconds() if found["oldest"] else 0
    yield Metric("propylon_counts_waiting_calls", "gauge", "Stored, and not yet counted.", [({}, found["calls"] or 0)])
    yield Metric("propylon_counts_waiting_seconds", "gauge", "How long the oldest of them waits.", [({}, age)])


def _marks() -> Metric:
    samples: list[Sample] = [({"kind": kind}, count) for kind, count in sorted(marks_by_kind().items())]
    return Metric("propylon_marks_live", "gauge", "Marks that the gateway enforces.", samples)


def _nodes(now: datetime) -> Iterator[Metric]:
    nodes = list(Node.objects.order_by("name"))
    seen = [({"node": node.name}, (now - node.last_seen_at).total_seconds()) for node in nodes]
    yield Metric("propylon_node_silent_seconds", "gauge", "Since a gateway node last reported itself.", seen)
    offered = dict(Offer.objects.values_list("kind", "version"))
    current: list[Sample] = []
    rejected: list[Sample] = []
    for resource in NodeResource.objects.select_related("node").order_by("node__name", "kind"):
        labels = {"node": resource.node.name, "kind": resource.kind}
        current.append((labels, float(offered.get(resource.kind) == resource.version)))
        rejected.append((labels, float(bool(resource.rejection))))
    yield Metric("propylon_node_is_current", "gauge", "1: the node runs what is offered.", current)
    yield Metric("propylon_node_has_rejected", "gauge", "1: the node's Envoy refused the newest.", rejected)


def _lines(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n"
        for labels, value in metric.samples:
            named = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"{metric.name}{{{named}}} {_number(value)}\n" if named else f"{metric.name} {_number(value)}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    """Whole numbers with all of their digits."""
    return str(int(value)) if value == int(value) else f"{value:.3f}"
