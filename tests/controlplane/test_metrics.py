"""Metrics are in Prometheus' text format and say what is stored."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from call_lines import call_line
from propylon.controlplane.metrics import metrics_text
from propylon.controlplane.models import Node, NodeResource, Offer
from propylon.kernel.actor import SYSTEM
from propylon.marks.actions import place_mark
from propylon.usage.actions import ingest_lines
from propylon.usage.rollups import add_up

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
# https://prometheus.io/docs/instrumenting/exposition_formats/, section "Text format details"
_SAMPLE = re.compile(r'^[a-z_]+(\{[a-z_]+="([^"\\\n]|\\["\\n])*"(,[a-z_]+="([^"\\\n]|\\["\\n])*")*\})? -?[0-9.]+$')


def _calls(*, product: str, count: int, **changes: object) -> bytes:
    call = {
        "at": timezone.now().timestamp(),
        "environment": "sandbox",
        "product": product,
        "version": "v1",
        "status": 200,
        "details": "via_upstream",
        "duration_ms": 40,
        **changes,
    }
    return b"".join(call_line({**call, "id": str(uuid.uuid4())}) for _ in range(count))


def test_metrics_say_what_is_stored_in_the_text_format() -> None:
    ingest_lines(node="n", segment="a", offset=0, data=_calls(product='ac"c\\ounts', count=3))
    add_up()
    ingest_lines(node="n", segment="b", offset=0, data=_calls(product="later", count=2, status=503))
    seen_at = timezone.now() - timedelta(seconds=90)
    node = Node.objects.create(name="node-1", first_seen_at=seen_at, last_seen_at=seen_at)
    Offer.objects.create(kind="rds", version="new", since=seen_at)
    NodeResource.objects.create(node=node, kind="rds", version="old", confirmed_at=seen_at, rejection="no such cluster")
    place_mark(acting_user=SYSTEM, kind="token", value="jti_1", reason="test", lifetime=timedelta(hours=1))
    text = metrics_text()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples if not _SAMPLE.match(line)] == []
    values = dict(line.rsplit(" ", 1) for line in samples)
    assert values['propylon_calls_total{environment="sandbox",product="ac\\"c\\\\ounts",version="v1"}'] == "3"
    assert values["propylon_counts_waiting_calls"] == "2"
    assert values['propylon_marks_live{kind="token"}'] == "1"
    assert values['propylon_node_is_current{node="node-1",kind="rds"}'] == "0"
    assert values['propylon_node_has_rejected{node="node-1",kind="rds"}'] == "1"
    assert 90 <= float(values['propylon_node_silent_seconds{node="node-1"}']) < 150
    add_up()
    failed = 'propylon_calls_failed_total{environment="sandbox",product="later",version="v1"} 2'
    assert failed in metrics_text().splitlines()
